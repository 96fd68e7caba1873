-- who_has_access: Who has access but perhaps should not? Findings to review
SELECT organization, finding, subject, workspace_name, person, detail, on_day, subject_id
FROM access_review
ORDER BY organization, finding, workspace_name, subject
