"""The lake in an S3 bucket. A conditional PUT or multipart completion publishes an object."""

from __future__ import annotations

import zlib
from functools import partial
from io import BytesIO
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from claude_admin_lake.errors import LakeTrouble, LakeUnavailable, Superseded

from . import Published
from .keys import Keys, in_old_layout, old_layout
from .packing import digest_of, replacing, with_after, with_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from mypy_boto3_s3 import S3Client

    from claude_admin_lake.tables import Table

    from . import Watch

_T = TypeVar("_T")

PART_BYTES = 8 * 1024 * 1024
"""Objects up to this size are sent in one PUT, larger ones in parts of it (S3's minimum: 5 MiB)."""

_CHECKSUM = "CRC32"
_PART_CHECKSUM = "ChecksumCRC32"
_TRIES_TO_PUBLISH = 3
_CHANGED_MEANWHILE = {"PreconditionFailed", "ConditionalRequestConflict"}

_MORE_OBJECTS = {"ContinuationToken": "NextContinuationToken"}
_MORE_UPLOADS = {"KeyMarker": "NextKeyMarker", "UploadIdMarker": "NextUploadIdMarker"}


class S3Lake:
    """An organization's lake in `bucket` under `prefix`."""

    def __init__(self, client: S3Client, bucket: str, prefix: str, organization: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix
        self._keys = Keys(organization)

    def check(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise LakeUnavailable(
                f"cannot use the bucket {self._bucket!r} (LAKE_BUCKET): {error}"
            ) from error

    def check_layout(self) -> None:
        if found := in_old_layout(self._below):
            place = f"s3://{self._bucket}/{self._prefix}"
            raise LakeUnavailable(old_layout(place + found))

    def upload(self, key: str, fence: int, watch: Watch | None = None) -> S3Upload:
        return S3Upload(self._client, self._bucket, self._prefix + key, fence, watch)

    def read(self, key: str) -> BinaryIO | None:
        """The object, copied to a file if it is large, so that reading it cannot fail."""
        try:
            return _content(self._client, {"Bucket": self._bucket, "Key": self._prefix + key})
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError, OSError) as error:
            raise LakeTrouble(f"cannot read {key}: {error}") from error

    def drop(self, prefix: str) -> None:
        """A lifecycle rule of the bucket removes them; the loader may not."""

    def days(self, table: Table) -> set[date]:
        prefix = f"{self._keys.partition(table.name)}date="
        pages = self._pages(self._client.list_objects_v2, prefix, _MORE_OBJECTS)
        listed = (self._relative(item["Key"]) for page in pages for item in _contents(page))
        return {day for key in listed if (day := self._keys.day_of(table, key))}

    def snapshots(self, table: Table) -> dict[date, str]:
        history = self._keys.history(table)
        pages = self._pages(self._client.list_objects_v2, history, _MORE_OBJECTS)
        keys = [self._relative(item["Key"]) for page in pages for item in _contents(page)]
        return {day: key for key in keys if (day := self._keys.snapshot_day_of(table, key))}

    def holds(self, table: Table) -> bool:
        prefix = self._keys.partition(table.name)
        return any(map(_contents, self._pages(self._client.list_objects_v2, prefix, _MORE_OBJECTS)))

    def sweep(self) -> None:
        """Abort uploads that killed runs of this organization left: others share the bucket."""
        for page in self._pages(self._client.list_multipart_uploads, "", _MORE_UPLOADS):
            for upload in page.get("Uploads", ()):
                if self._keys.owns(self._relative(upload["Key"])):
                    self._abort(upload["Key"], upload["UploadId"])

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._prefix)

    def _below(self, path: str) -> set[str]:
        """The names directly under a path of the lake, of folders and objects."""
        listing = partial(self._client.list_objects_v2, Delimiter="/")
        found: set[str] = set()
        for page in self._pages(listing, path, _MORE_OBJECTS):
            found |= {one["Prefix"] for one in page.get("CommonPrefixes", ())}
            found |= {one["Key"] for one in _contents(page)}
        return {name.removeprefix(self._prefix + path).rstrip("/") for name in found}

    def _abort(self, key: str, upload_id: str) -> None:
        _translated(
            "abort the upload of",
            key,
            lambda: self._client.abort_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload_id
            ),
        )

    def _pages(
        self, listing: Callable[..., Any], prefix: str, follow: Mapping[str, str]
    ) -> Iterator[Any]:
        """The pages of a listing. `follow` maps the next page's parameters to response fields.
        boto3's paginators would first load a data file for each service."""
        further: dict[str, str] = {}
        try:
            while True:
                page = listing(Bucket=self._bucket, Prefix=self._prefix + prefix, **further)
                yield page
                if not page.get("IsTruncated"):
                    return
                further = {parameter: page[field] for parameter, field in follow.items()}
        except (ClientError, BotoCoreError) as error:
            raise LakeTrouble(f"cannot list the bucket {self._bucket!r}: {error}") from error


def _contents(page: Any) -> Any:
    return page.get("Contents", ())


def _content(client: S3Client, where: Any) -> BinaryIO:
    body = client.get_object(**where)["Body"]
    copy = SpooledTemporaryFile(PART_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        copyfileobj(body, copy)
    except (BotoCoreError, OSError):
        copy.close()
        raise
    copy.seek(0)
    return cast("BinaryIO", copy)


def _translated(action: str, key: str, call: Callable[[], _T]) -> _T:
    """The call's value. Translates botocore errors into LakeTrouble."""
    try:
        return call()
    except (ClientError, BotoCoreError) as error:
        raise LakeTrouble(f"cannot {action} {key}: {error}") from error


class _Stored(Struct, frozen=True):
    """The object that is stored under the key now."""

    etag: str
    digest: str | None
    fence: int


class S3Upload:
    """An object being written: buffered up to one part, then sent in parts."""

    def __init__(
        self, client: S3Client, bucket: str, key: str, fence: int, watch: Watch | None = None
    ) -> None:
        self._client, self._key, self._fence, self._watch = client, key, fence, watch
        self._where: Any = {"Bucket": bucket, "Key": key}
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._parts: list[Any] = []

    def write(self, chunk: bytes) -> None:
        self._buffer += chunk
        while len(self._buffer) > PART_BYTES:
            self._send_part(bytes(self._buffer[:PART_BYTES]))
            del self._buffer[:PART_BYTES]

    def publish(self, digest: str, facts: Mapping[str, str]) -> Published:
        """Replace the object only if it is still the one that was compared, so that the newer of
        two runs always wins, whichever writes last."""
        effect = Published(changed=False)
        for _ in range(_TRIES_TO_PUBLISH):
            stored = self._look()
            if stored and stored.digest == digest:
                effect = with_after(effect, self._watch, self._new_content)
                self.discard()
                return effect
            if stored and stored.fence > self._fence:
                raise Superseded(f"a newer run has written {self._key}")
            effect = replacing(None if stored is None else stored.digest or "", digest)
            effect = with_before(effect, self._watch, self._stored_content)
            if self._send(stored, {**facts, "digest": digest, "fence": str(self._fence)}):
                return with_after(effect, self._watch, self._new_content)
        raise LakeTrouble(f"{self._key} kept changing while it was being written")

    def discard(self) -> None:
        upload_id, self._upload_id = self._upload_id, None
        self._buffer.clear()
        if upload_id:
            self._call("abort", self._client.abort_multipart_upload, UploadId=upload_id)

    def _call(self, action: str, method: Callable[..., Any], **arguments: Any) -> Any:
        return _translated(action, self._key, lambda: method(**self._where, **arguments))

    def _send_part(self, body: bytes) -> None:
        if self._upload_id is None:
            facts = {"fence": str(self._fence)}
            begun = self._call(
                "begin", self._client.create_multipart_upload,
                Metadata=facts, ChecksumAlgorithm=_CHECKSUM,
            )  # fmt: skip
            self._upload_id = begun["UploadId"]
        number = len(self._parts) + 1
        part = self._call(
            "write", self._client.upload_part,
            UploadId=self._upload_id, PartNumber=number, Body=body, ChecksumAlgorithm=_CHECKSUM,
        )  # fmt: skip
        # S3 wants the checksums of parts again at the end; some that resemble it return none.
        returned = {name: part[name] for name in ("ETag", _PART_CHECKSUM) if name in part}
        self._parts.append({"PartNumber": number, **returned})

    def _send(self, replacing: _Stored | None, metadata: dict[str, str]) -> bool:
        """Publish; returns False if the stored object changed in the meantime."""
        condition: Any = {"IfMatch": replacing.etag} if replacing else {"IfNoneMatch": "*"}
        try:
            if self._upload_id is None:
                self._client.put_object(
                    **self._where, Body=bytes(self._buffer), Metadata=metadata, **condition
                )
            else:
                self._complete(condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _CHANGED_MEANWHILE:
                return False
            raise LakeTrouble(f"cannot write {self._key}: {error}") from error
        except BotoCoreError as error:
            raise LakeTrouble(f"cannot write {self._key}: {error}") from error
        self._upload_id = None
        return True

    def _complete(self, condition: Any) -> None:
        if self._buffer:
            self._send_part(bytes(self._buffer))
            self._buffer.clear()
        self._client.complete_multipart_upload(
            **self._where,
            UploadId=self._upload_id or "",
            MultipartUpload={"Parts": self._parts},
            **condition,
        )

    def _look(self) -> _Stored | None:
        try:
            head = self._client.head_object(**self._where)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise LakeTrouble(f"cannot look at {self._key}: {error}") from error
        except BotoCoreError as error:
            raise LakeTrouble(f"cannot look at {self._key}: {error}") from error
        facts = head["Metadata"]
        digest = facts.get("digest") or self._digest_of_content()
        return _Stored(head["ETag"], digest, int(facts.get("fence", "0")))

    def _stored_content(self) -> BinaryIO:
        return _translated("read", self._key, lambda: _content(self._client, self._where))

    def _new_content(self) -> BinaryIO:
        """The object that was sent; parts are gone, so one sent in parts is read."""
        return BytesIO(self._buffer) if self._buffer else self._stored_content()

    def _digest_of_content(self) -> str | None:
        """The digest of the stored rows. Objects sent in parts have none in their metadata, which
        is fixed before the last row is known."""
        stored = self._call("read", self._client.get_object)
        try:
            return digest_of(stored["Body"], self._watch.table.labels if self._watch else ())
        except (OSError, EOFError, zlib.error, BotoCoreError):
            return None
