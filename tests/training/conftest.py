from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tokenizers import Tokenizer
from training_support import WORDS

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def translations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide 200 groups of word-for-word translations in three languages."""
    rng = np.random.default_rng(0)
    rows = []
    for group in range(200):
        places = rng.choice(16, size=6)
        for language, words in WORDS.items():
            text = " ".join([*(words[place] for place in places), str(group)])
            rows.append({"source": "tiny", "group": group, "lang": language, "text": text})
    path = tmp_path_factory.mktemp("translations") / "translations.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture(scope="session")
def tokenizer(translations: Path) -> Tokenizer:
    from training.unigram import train_tokenizer

    return train_tokenizer(pq.read_table(translations)["text"].to_pylist(), vocabulary=300)


@pytest.fixture(scope="session")
def tiny_transformer(tmp_path_factory: pytest.TempPathFactory, translations: Path):
    """Create the folder of a random transformer, `bert` or `xlm-roberta`, with a tokenizer trained on the spot."""
    from tokenizers import processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

    from training.unigram import train_tokenizer

    special = {"bert": ("[CLS]", "[SEP]", "[PAD]"), "xlm-roberta": ("<s>", "</s>", "<pad>")}
    made: dict[str, Path] = {}

    def make(kind: str) -> Path:
        import torch

        if kind in made:
            return made[kind]
        own = train_tokenizer(pq.read_table(translations)["text"].to_pylist(), vocabulary=300)
        start, end, pad = special[kind]
        own.add_special_tokens([start, end, pad])
        ids = {name: own.token_to_id(name) for name in (start, end, pad)}
        own.post_processor = processors.TemplateProcessing(
            single=f"{start} $A {end}",
            pair=f"{start} $A {end} $B {end}",
            special_tokens=[(start, ids[start]), (end, ids[end])],
        )
        fast = PreTrainedTokenizerFast(
            tokenizer_object=own, cls_token=start, sep_token=end, pad_token=pad, unk_token="<unk>", model_max_length=64
        )
        settings = {
            "vocab_size": own.get_vocab_size(with_added_tokens=True), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 64, "max_position_embeddings": 512, "pad_token_id": ids[pad],
        }  # fmt: skip
        torch.manual_seed(0)
        model = BertModel(BertConfig(**settings)) if kind == "bert" else XLMRobertaModel(XLMRobertaConfig(**settings))
        folder = tmp_path_factory.mktemp(kind)
        model.save_pretrained(folder)
        fast.save_pretrained(folder)
        made[kind] = folder
        return folder

    return make
