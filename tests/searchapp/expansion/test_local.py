from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from searchapp.errors import MissingExtraError, WriterError
from searchapp.expansion.local import LocalWriter

CHAT = "{% for message in messages %}<{{ message['role'] }}> {{ message['content'] }} {% endfor %}<assistant>"


def save(folder: Path, *, kind: str, chat: bool = False) -> str:
    torch.manual_seed(0)
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    text = "write a passage that answers what the user searches for tea grows in assam"
    tokenizer.train_from_iterator([text] * 3, trainers.WordLevelTrainer(special_tokens=["<pad>", "<unk>", "</s>"]))
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", eos_token="</s>")
    if chat:
        fast.chat_template = CHAT
    fast.save_pretrained(folder)
    if kind == "causal":
        model: torch.nn.Module = GPT2LMHeadModel(
            GPT2Config(vocab_size=40, n_positions=512, n_embd=16, n_layer=1, n_head=2, eos_token_id=2, bos_token_id=2)
        )
    else:
        model = T5ForConditionalGeneration(
            T5Config(
                vocab_size=40, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, decoder_start_token_id=0,
                eos_token_id=2,
            )
        )  # fmt: skip
    model.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(("kind", "chat"), [("causal", False), ("causal", True), ("seq2seq", False)])
def test_a_model_from_a_folder_writes_and_does_not_repeat_the_prompt(tmp_path: Path, kind: str, chat: bool) -> None:
    writer = LocalWriter(save(tmp_path, kind=kind, chat=chat), most_tokens=6)
    try:
        text = writer.passage("zebra crossing", ["en"])
    except WriterError as error:  # random weights may end at once
        assert "is empty" in str(error)
    else:
        assert 0 < len(text.split()) <= 6
        assert "zebra" not in text
        assert writer.passage("zebra crossing", ["en"]) == text


def test_what_is_no_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WriterError, match="cannot be loaded as a language model"):
        LocalWriter(str(tmp_path)).translate("tea", "en", "de")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtraError, match="transformers"):
        LocalWriter(str(tmp_path)).passage("tea", ["en"])
