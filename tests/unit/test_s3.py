"""How S3's listings are followed; whole runs against S3 are in tests/guarantees."""

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
        key = f"some/cost_report/organization=a/date=2026-11-{day:02}/cost_report.jsonl.gz"
        more = {"NextContinuationToken": following} if following else {}
        return {"Contents": [{"Key": key}], "IsTruncated": following is not None, **more}

    client = FakeS3(page(1, "t1"), page(2, "t2"), page(3, None))
    days = S3Lake(client, "bucket", "some/", "a").days(BY_NAME["cost_report"])
    assert days == {date(2026, 11, n) for n in (1, 2, 3)}
    assert [one.get("ContinuationToken") for one in client.asked] == [None, "t1", "t2"]
    assert {(one["Bucket"], one["Prefix"]) for one in client.asked} == {
        ("bucket", "some/cost_report/organization=a/date=")
    }


def test_every_page_of_a_list_of_uploads_is_swept():
    def page(name: str, *, more: bool):
        upload = {"Key": f"users/organization=a/{name}", "UploadId": f"id-{name}"}
        markers = {"NextKeyMarker": upload["Key"], "NextUploadIdMarker": upload["UploadId"]}
        return {"Uploads": [upload], "IsTruncated": more, **(markers if more else {})}

    client = FakeS3(page("x", more=True), page("y", more=False))
    S3Lake(client, "bucket", "", "a").sweep()
    first, second = "users/organization=a/x", "users/organization=a/y"
    assert client.aborted == [first, second]
    assert (client.asked[1]["KeyMarker"], client.asked[1]["UploadIdMarker"]) == (first, "id-x")


def test_uploads_of_other_organizations_and_of_others_are_left_alone():
    names = ["users/organization=b/u", "users/organization=ab/u", "reports/organization=a/u"]
    uploads = [{"Key": name, "UploadId": "id"} for name in names]
    client = FakeS3({"Uploads": uploads, "IsTruncated": False})
    S3Lake(client, "bucket", "", "a").sweep()
    assert client.aborted == []
