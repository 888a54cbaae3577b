"""Canonical Huffman codes: the next bits of a stream, looked up in a table, give a symbol and its length."""

from __future__ import annotations

from collections.abc import Sequence


def decoding_table(lengths: Sequence[int], bits: int) -> list[int]:
    """For each value of the next ``bits`` bits, 32 times the symbol plus the length of its code; 0 where there is none.

    Args:
        lengths: The length of the code of each symbol, 0 for one that has none.
        bits: No code is longer.

    Raises:
        OSError: They are no lengths of a code.
    """
    of_length: list[list[int]] = [[] for _ in range(bits + 1)]
    for symbol, length in enumerate(lengths):
        if length > bits:
            raise OSError("a code of the compressed data is too long")
        of_length[length].append(symbol)
    table: list[int] = []
    for length in range(1, bits + 1):
        width = 1 << (bits - length)
        for symbol in of_length[length]:
            table += [symbol << 5 | length] * width
    if len(table) > 1 << bits:
        raise OSError("the codes of the compressed data contradict each other")
    table += [0] * ((1 << bits) - len(table))
    return table


def copy_match(plain: bytearray, distance: int, length: int) -> None:
    """Append what stands ``distance`` bytes before the end, maybe up to itself; raises OSError for no such place."""
    if distance > len(plain) or distance < 1:
        raise OSError("the compressed data refer to what is before their beginning")
    if distance >= length:
        start = len(plain) - distance
        plain += plain[start : start + length]
    else:
        piece = bytes(plain[-distance:])
        plain += (piece * (length // distance + 1))[:length]
