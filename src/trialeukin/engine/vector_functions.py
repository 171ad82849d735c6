"""exp, log and tanh of vectors, written out so that every lane and every width gets the same bits.

exp: x = n log 2 + r with |r| <= log(2) / 2, the Taylor series of exp r to r^13 (remainder 4e-18), times 2^n.
log: x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), s = f / (2 + f), and
log(1 + f) = f - (f^2/2 - s (f^2/2 + R)), R = 2/3 s^2 + 2/5 s^4 + ... to s^22 (remainder 1e-18), as in
Tang, Table-driven implementation of the logarithm function, ACM TOMS 16 (1990) 378, without the table.
tanh: 1 - 2 / (exp(2|x|) + 1) with the sign of x, and near zero its continued fraction
x / (1 + x^2 / (3 + x^2 / (5 + ...))).

The errors are below 2 units in the last place for exp and log, and below 4 for tanh (tested).
"""

import math

from trialeukin.engine.vector_text import Writer

LOG2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # its last 21 bits are zero: n times it is exact
LOG2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
MAGIC = 1.5 * 2.0**52  # added to a whole number, leaves it in the low bits
MAGIC_BITS = 0x4338000000000000
ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
SMALLEST_NORMAL = 2.0**-1022
EXP_TERMS = 13
LOG_TERMS = 11
TANH_DEPTH = 9
TANH_SMALL = 0.55


def write_functions(writer: Writer) -> None:
    """Write the functions `vexp`, `vlog` and `vtanh`."""
    _write_exp(writer)
    _write_log(writer)
    _write_tanh(writer)


def _polynomial(writer: Writer, coefficients: list[float], value: str) -> str:
    """Return a polynomial, its lowest coefficient first, by Estrin's scheme: pairs of terms, pairs of pairs.

    It is three times shorter in time than Horner's scheme, whose every operation waits for the one before.
    """
    level = [writer.splat(coefficient) for coefficient in coefficients]
    power = value
    while len(level) > 1:
        pairs = [writer.fused(high, power, low) for low, high in zip(level[::2], level[1::2], strict=False)]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
        if len(level) > 1:
            power = writer.binary("fmul", power, power)
    return level[0]


def _write_exp(writer: Writer) -> None:
    words, vector = writer.words, writer.vector
    with writer.function("vexp", f"{vector} %x", internal=True, result=vector):
        low = writer.compare("olt", "%x", writer.splat(-746.0))
        bounded = writer.select(low, writer.splat(-746.0), "%x")
        high = writer.compare("ogt", bounded, writer.splat(710.0))
        bounded = writer.select(high, writer.splat(710.0), bounded)
        count = writer.intrinsic("nearbyint", writer.binary("fmul", bounded, writer.splat(1.0 / math.log(2.0))))
        rest = writer.fused(count, writer.splat(-LOG2_HIGH), bounded)
        rest = writer.fused(count, writer.splat(-LOG2_LOW), rest)
        series = _polynomial(writer, [1.0 / math.factorial(k) for k in range(2, EXP_TERMS + 1)], rest)
        small = writer.fused(writer.binary("fmul", rest, rest), series, rest)
        series = writer.binary("fadd", small, writer.splat(1.0))
        shifted = writer.binary("fadd", count, writer.splat(MAGIC))
        bits = writer.fresh(f"bitcast {vector} {shifted} to {words}")
        whole = writer.fresh(f"sub {words} {bits}, {writer.splat_word(MAGIC_BITS)}")
        half = writer.fresh(f"ashr {words} {whole}, {writer.splat_word(1)}")
        other = writer.fresh(f"sub {words} {whole}, {half}")
        for part in (half, other):  # twice, so that numbers below the normal ones come out too
            biased = writer.fresh(f"add {words} {part}, {writer.splat_word(1023)}")
            raised = writer.fresh(f"shl {words} {biased}, {writer.splat_word(52)}")
            series = writer.binary("fmul", series, writer.fresh(f"bitcast {words} {raised} to {vector}"))
        writer.write(f"ret {vector} {series}")


def _write_log(writer: Writer) -> None:
    words, vector = writer.words, writer.vector
    with writer.function("vlog", f"{vector} %x", internal=True, result=vector):
        tiny = writer.compare("olt", "%x", writer.splat(SMALLEST_NORMAL))
        normal = writer.select(tiny, writer.binary("fmul", "%x", writer.splat(2.0**54)), "%x")
        bits = writer.fresh(f"bitcast {vector} {normal} to {words}")
        above = writer.fresh(f"sub {words} {bits}, {writer.splat_word(ROOT_HALF_BITS)}")
        exponent = writer.fresh(f"ashr {words} {above}, {writer.splat_word(52)}")
        raised = writer.fresh(f"shl {words} {exponent}, {writer.splat_word(52)}")
        mantissa = writer.fresh(f"sub {words} {bits}, {raised}")
        marked = writer.fresh(f"add {words} {exponent}, {writer.splat_word(MAGIC_BITS)}")
        count = writer.binary("fsub", writer.fresh(f"bitcast {words} {marked} to {vector}"), writer.splat(MAGIC))
        count = writer.select(tiny, writer.binary("fsub", count, writer.splat(54.0)), count)
        less = writer.binary("fsub", writer.fresh(f"bitcast {words} {mantissa} to {vector}"), writer.splat(1.0))
        ratio = writer.binary("fdiv", less, writer.binary("fadd", less, writer.splat(2.0)))
        square = writer.binary("fmul", ratio, ratio)
        series = _polynomial(writer, [2.0 / (2 * k + 1) for k in range(1, LOG_TERMS + 1)], square)
        half = writer.binary("fmul", writer.binary("fmul", less, writer.splat(0.5)), less)
        small = writer.fused(square, series, half)
        small = writer.fused(ratio, small, writer.binary("fmul", count, writer.splat(LOG2_LOW)))
        tail = writer.binary("fsub", writer.binary("fsub", half, small), less)
        result = writer.fused(count, writer.splat(LOG2_HIGH), writer.fresh(f"fneg {vector} {tail}"))
        infinite = writer.compare("oeq", "%x", writer.splat(math.inf))
        result = writer.select(infinite, "%x", result)
        zero = writer.compare("oeq", "%x", writer.splat(0.0))
        result = writer.select(zero, writer.splat(-math.inf), result)
        meaningless = writer.compare("ult", "%x", writer.splat(0.0))
        result = writer.select(meaningless, writer.splat(math.nan), result)
        writer.write(f"ret {vector} {result}")


def _write_tanh(writer: Writer) -> None:
    vector = writer.vector
    with writer.function("vtanh", f"{vector} %x", internal=True, result=vector):
        size = writer.intrinsic("fabs", "%x")
        power = writer.unary("vexp", writer.binary("fadd", size, size))
        share = writer.binary("fdiv", writer.splat(2.0), writer.binary("fadd", power, writer.splat(1.0)))
        far = writer.binary("fsub", writer.splat(1.0), share)
        negative = writer.compare("olt", "%x", writer.splat(0.0))
        far = writer.select(negative, writer.fresh(f"fneg {vector} {far}"), far)
        square = writer.binary("fmul", "%x", "%x")
        near = writer.splat(2.0 * TANH_DEPTH - 1.0)
        for odd in range(2 * TANH_DEPTH - 3, 0, -2):
            near = writer.binary("fadd", writer.splat(float(odd)), writer.binary("fdiv", square, near))
        near = writer.binary("fdiv", "%x", near)
        result = writer.select(writer.compare("olt", size, writer.splat(TANH_SMALL)), near, far)
        writer.write(f"ret {vector} {result}")
