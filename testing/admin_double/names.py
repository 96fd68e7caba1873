"""Names with characters that a loader must preserve."""

PEOPLE = (
    "Ada Okafor",
    "Zoë “Zed” Ødegård",
    "李雷",
    'Robert "Bob" O\'Neil',
    "Priya Raman",
    "Jürgen Groß",
    "María José Núñez",
    "Back\\slash Smith",
    "أمينة حداد",
    "Tom\nSecond Line",
    "Nguyễn Thị Hà",
    "Sam 🦊 Fox",
    "Łukasz Żak",
    "Comma, Jane",
    "Tab\tHunter",
    "Grace Hall",
)
WORKSPACES = (
    "Platform",
    'Research "Blue"',
    "Données & Café",
    "Support\nEMEA",
    "データ基盤",
    "Growth, Ads",
    "Legacy Batch",
    "Hackweek 🚀",
)
KEYS = (
    "ci-runner",
    "backend prod",
    'notebook "β"',
    "evals\nnightly",
    "webhook-consumer",
    "staging",
)
TERMINALS = ("vscode", "iTerm.app", "ghostty", "tmux", "cursor", "JetBrains-IDE", "non-interactive")
TOOLS = ("edit_tool", "multi_edit_tool", "write_tool", "notebook_edit_tool")
COLORS = ("#6C5BB9", "#D97757", "#1B7F79", "#A0522D", "#4169E1")


def turn(names: tuple[str, ...], index: int) -> str:
    """The name at an index; repeated names are numbered."""
    name, again = names[index % len(names)], index // len(names)
    return f"{name} {again + 1}" if again else name
