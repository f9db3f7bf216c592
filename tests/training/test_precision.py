from __future__ import annotations

from pathlib import Path

import pytest

from training.config import OptimizerConfig
from training.trainer.precision import choose_precision, has_bfloat16_tiles


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512_bf16 amx_bf16 amx_tile", True), ("fpu avx2 avx512_bf16", False), ("fpu amx_bf16x", False)],
)
def test_bfloat16_is_the_default_on_processors_that_multiply_it(tmp_path: Path, flags: str, expected: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nmodel name\t: amx_bf16\nflags\t\t: {flags}\n")
    assert has_bfloat16_tiles(cpuinfo) == expected
    auto = OptimizerConfig(device="cpu")
    assert choose_precision(auto, static=False, cpuinfo=cpuinfo) == ("bf16" if expected else "fp32")
    assert choose_precision(auto, static=True, cpuinfo=cpuinfo) == "fp32"
    asked = OptimizerConfig(device="cpu", precision="fp32")
    assert choose_precision(asked, static=False, cpuinfo=cpuinfo) == "fp32"


def test_a_machine_without_cpuinfo_trains_in_fp32(tmp_path: Path) -> None:
    assert not has_bfloat16_tiles(tmp_path / "none")
    assert choose_precision(OptimizerConfig(device="cpu"), static=False, cpuinfo=tmp_path / "none") == "fp32"
