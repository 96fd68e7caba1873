"""What S3's listings are followed by; whole runs against S3 are in tests/guarantees."""

from datetime import date

from claude_admin_lake.lake.s3 import S3Lake

from .fakes import BY_NAME


class FakeS3:
    """Answers each listing with its pages in order, and notes what it was asked."""

    def __init__(self, *pages) -> None:
        self.pages, self.asked, self.aborted = list(pages), [], []

    def listing(self, **asked):
        self.asked.append(asked)
        return self.pages.pop(0)

    list_objects_v2 = list_multipart_uploads = listing

    def abort_multipart_upload(self, **asked):
        self.aborted.append(asked["Key"])


def test_every_page_of_a_list_of_objects_is_read():
    def page(day: int, following: str | None):
        key = f"some/cost_report/date=2026-11-{day:02}/cost_report.jsonl.gz"
        more = {"NextContinuationToken": following} if following else {}
        return {"Contents": [{"Key": key}], "IsTruncated": following is not None, **more}

    client = FakeS3(page(1, "t1"), page(2, "t2"), page(3, None))
    days = S3Lake(client, "bucket", "some/").days(BY_NAME["cost_report"])
    assert days == {date(2026, 11, n) for n in (1, 2, 3)}
    assert [one.get("ContinuationToken") for one in client.asked] == [None, "t1", "t2"]
    assert {(one["Bucket"], one["Prefix"]) for one in client.asked} == {
        ("bucket", "some/cost_report/")
    }


def test_every_page_of_a_list_of_uploads_is_swept():
    def page(name: str, *, more: bool):
        upload = {"Key": f"users/{name}", "UploadId": f"id-{name}"}
        markers = {"NextKeyMarker": upload["Key"], "NextUploadIdMarker": upload["UploadId"]}
        return {"Uploads": [upload], "IsTruncated": more, **(markers if more else {})}

    client = FakeS3(page("a", more=True), page("b", more=False))
    S3Lake(client, "bucket", "").sweep()
    assert client.aborted == ["users/a", "users/b"]
    assert (client.asked[1]["KeyMarker"], client.asked[1]["UploadIdMarker"]) == ("users/a", "id-a")
