"""Create tiny random models with tokenizers trained on the spot: real code paths, no download."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

TEXTS = [
    "how many points did the defence give up",
    "wie viele Punkte gab die Verteidigung ab",
    "कितने अंक दिए",
    "防守丢了多少分",
    "كم نقطة سمح بها الدفاع",
]


def train_tokenizer(special: list[str], template: tuple[str, str]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token=special[1]))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(TEXTS * 3, trainers.WordPieceTrainer(vocab_size=400, special_tokens=special))
    first, last = template
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B {last}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )
    return tokenizer


def save_model(folder: Path, *, kind: str, prompts: dict[str, str] | None = None, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    if kind == "bert":
        tokenizer = train_tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], ("[CLS]", "[SEP]"))
        names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
        network: torch.nn.Module = BertModel(BertConfig(vocab_size=400, max_position_embeddings=64, **shape))
    else:
        tokenizer = train_tokenizer(["<pad>", "<unk>", "<s>", "</s>", "<mask>"], ("<s>", "</s>"))
        names = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "sep_token": "</s>"}
        network = XLMRobertaModel(
            XLMRobertaConfig(vocab_size=400, max_position_embeddings=66, pad_token_id=0, bos_token_id=2, **shape)
        )
    backbone = folder / "backbone"
    network.save_pretrained(backbone)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(backbone)
    transformer = Transformer(str(backbone), max_seq_length=32)
    model = SentenceTransformer(modules=[transformer, Pooling(16, "mean")], prompts=prompts, device="cpu")
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("bert"), kind="bert")


@pytest.fixture(scope="session")
def xlmr_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    prompts = {"query": "Query: ", "document": "Passage: "}
    return save_model(tmp_path_factory.mktemp("xlmr"), kind="xlmr", prompts=prompts)
