"""Files on their way into a folder's lake."""

import pytest

from claude_admin_lake.errors import LakeTrouble
from claude_admin_lake.lake.folder import FolderLake


class FullDisk:
    """An open file whose last bytes find no room."""

    def close(self):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("given_up", [True, False])
def test_a_full_disk_leaves_no_partial_file(tmp_path, given_up):
    upload = FolderLake(tmp_path, "", "main").upload(
        "users/organization=main/users.jsonl.gz", fence=1
    )
    upload._file.close()
    upload._file = FullDisk()
    if given_up:
        upload.discard()
    else:
        with pytest.raises(LakeTrouble, match="No space left"):
            upload.publish("digest", {})
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
