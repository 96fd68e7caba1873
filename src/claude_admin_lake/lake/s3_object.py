"""One object in an S3 bucket: read whole, or published by a conditional PUT or completion."""

from __future__ import annotations

import zlib
from io import BytesIO
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from claude_admin_lake.errors import LakeTrouble, Superseded

from . import Published
from .packing import digest_of, replacing, with_after, with_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_s3 import S3Client

    from . import Watch

_T = TypeVar("_T")

PART_BYTES = 8 * 1024 * 1024
"""Objects up to this size are sent in one PUT, larger ones in parts of it (S3's minimum: 5 MiB)."""

_CHECKSUM = "CRC32"
_PART_CHECKSUM = "ChecksumCRC32"
_TRIES_TO_PUBLISH = 3
_CHANGED_MEANWHILE = {"PreconditionFailed", "ConditionalRequestConflict"}


def content(client: S3Client, where: Any) -> BinaryIO:
    """The object, copied to a file if it is large, so that reading it cannot fail later."""
    body = client.get_object(**where)["Body"]
    copy = SpooledTemporaryFile(PART_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        copyfileobj(body, copy)
    except (BotoCoreError, OSError):
        copy.close()
        raise
    copy.seek(0)
    return cast("BinaryIO", copy)


def translated(action: str, key: str, call: Callable[[], _T]) -> _T:
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
        return translated(action, self._key, lambda: method(**self._where, **arguments))

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
        return translated("read", self._key, lambda: content(self._client, self._where))

    def _new_content(self) -> BinaryIO:
        """The object that was sent; parts are gone, so one sent in parts is read."""
        return BytesIO(self._buffer) if self._buffer else self._stored_content()

    def _digest_of_content(self) -> str | None:
        """The digest of the stored rows; None if they are damaged. Objects sent in parts have none
        in their metadata, which is fixed before the last row is known."""
        with self._stored_content() as stored:
            try:
                return digest_of(stored, self._watch.table.labels if self._watch else ())
            except (OSError, EOFError, zlib.error):
                return None
