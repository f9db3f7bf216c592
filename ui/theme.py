"""How it looks: one accent, system fonts that cover the scripts, light and dark."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FONTS = ["system-ui", "Segoe UI", "Roboto", "Noto Sans", "Noto Sans Arabic", "Noto Sans CJK SC", "sans-serif"]

STYLE = Path(__file__).with_name("style.css")


def theme() -> gr.themes.Base:
    """The colours and fonts; no font is fetched from anywhere."""
    return gr.themes.Soft(
        primary_hue="indigo", neutral_hue="slate", font=FONTS, font_mono=["ui-monospace", "monospace"]
    )
