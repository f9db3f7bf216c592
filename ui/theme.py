"""Define the look: ink on paper, one accent, system fonts that cover the scripts, light and dark."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FONTS = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "sans-serif",
]
STYLE = Path(__file__).with_name("assets") / "style.css"
LOGIN_STYLE = STYLE.with_name("login.css")

_TEAL = gr.themes.Color(
    "#eefaf8",
    "#d3f2ec",
    "#a9e5db",
    "#74d1c4",
    "#3fb5a8",
    "#1f978c",
    "#137a72",
    "#11625d",
    "#124e4b",
    "#11403e",
    "#052524",
)
_STONE = gr.themes.Color(
    "#fbfaf8",
    "#f4f2ee",
    "#e7e4dd",
    "#d3cfc6",
    "#a39e93",
    "#777268",
    "#5a564e",
    "#45423c",
    "#2c2a27",
    "#1d1c1a",
    "#121110",
)


def theme() -> gr.themes.Base:
    """Return the colours and fonts; no font is loaded from another host."""
    found = gr.themes.Base(
        primary_hue=_TEAL,
        secondary_hue=_TEAL,
        neutral_hue=_STONE,
        font=FONTS,
        font_mono=["ui-monospace", "Noto Sans Mono", "monospace"],
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_md,
    )
    return found.set(
        body_background_fill="#faf8f4",
        body_background_fill_dark="#141312",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1d1c1a",
        background_fill_secondary="#f4f1eb",
        background_fill_secondary_dark="#262421",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1d1c1a",
        body_text_color="#1f1d1a",
        body_text_color_dark="#f0ede7",
        body_text_color_subdued="#625d54",
        body_text_color_subdued_dark="#aaa499",
        block_info_text_color="#625d54",
        block_info_text_color_dark="#aaa499",
        block_label_text_color="#45423c",
        block_label_text_color_dark="#d3cfc6",
        block_title_text_color="#2c2a27",
        block_title_text_color_dark="#e7e4dd",
        block_title_text_weight="600",
        block_border_width="0px",
        block_shadow="none",
        input_border_width="1px",
        panel_background_fill="#ffffff",
        panel_background_fill_dark="#1d1c1a",
        border_color_primary="#e4dfd5",
        border_color_primary_dark="#34312d",
        input_background_fill="#ffffff",
        input_background_fill_dark="#191816",
        input_border_color="#d3cdc1",
        input_border_color_dark="#413d38",
        button_primary_background_fill="#11625d",
        button_primary_background_fill_hover="#124e4b",
        button_primary_background_fill_dark="#1f978c",
        button_primary_background_fill_hover_dark="#3fb5a8",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06201f",
        slider_color="#11625d",
        slider_color_dark="#3fb5a8",
    )
