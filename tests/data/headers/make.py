"""Writes the heads of GGUF files with the reference package, for the tests of the reader.

    pip install gguf numpy
    python tests/data/headers/make.py          # from the repository's root

Names and shapes of the tensors are those of real files (tests/data/tensors.jsonl). Formats are those of a Q8_0
file. The metadata are the keys that llama.cpp's converter writes for each architecture; their values are those
of the published configurations. No tensor data is written: files.json holds the length that each file would have.
"""

import json
import pathlib
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T, GGUFEndian, GGUFWriter, LlamaFileType
from gguf import RopeScalingType

HERE = pathlib.Path(__file__).parent
TENSORS = {}
for line in (HERE.parent / "tensors.jsonl").read_text().splitlines():
    row = json.loads(line)
    TENSORS[row["model"]] = row

# What a Q8_0 file keeps in 32 or 16 bits (src/llama-quant.cpp).
KEPT_F32 = ("_norm.weight", "ffn_gate_inp.weight", "ssm_conv1d", "shortconv.conv.weight", "altup_correct", "altup_predict")
KEPT_F16 = ("laurel", "per_layer_model_proj", "altup")


def format_of(name, dims):
    if len(dims) < 2 or not name.endswith("weight") or any(part in name for part in KEPT_F32):
        return T.F32
    if any(part in name for part in KEPT_F16):
        return T.F16
    return T.Q8_0 if dims[0] % 32 == 0 else T.F16


def dense(w, layers, width, ff, heads, kv, context, key=None):
    w.add_block_count(layers)
    w.add_context_length(context)
    w.add_embedding_length(width)
    if ff is not None:
        w.add_feed_forward_length(ff)
    w.add_head_count(heads)
    w.add_head_count_kv(kv)
    w.add_layer_norm_rms_eps(1e-6)
    w.add_rope_freq_base(1000000.0)
    if key is not None:
        w.add_key_length(key)
        w.add_value_length(key)


def experts(w, count, used, width):
    w.add_expert_count(count)
    w.add_expert_used_count(used)
    w.add_expert_feed_forward_length(width)


def mamba2(w, conv, inner, state, groups, heads):
    w.add_ssm_conv_kernel(conv)
    w.add_ssm_inner_size(inner)
    w.add_ssm_state_size(state)
    w.add_ssm_group_count(groups)
    w.add_ssm_time_step_rank(heads)


def llama(w):
    dense(w, 16, 2048, 8192, 32, 8, 131072, 64)
    w.add_rope_dimension_count(64)
    w.add_vocab_size(128256)


def qwen2(w):
    dense(w, 28, 3584, 18944, 28, 4, 32768)


def qwen3(w):
    dense(w, 28, 1024, 3072, 16, 8, 40960, 128)


def qwen3moe(w):
    dense(w, 48, 2048, 6144, 32, 4, 40960, 128)
    experts(w, 128, 8, 768)


def gemma2(w):
    dense(w, 42, 3584, 14336, 16, 8, 8192, 256)
    w.add_attn_logit_softcapping(50.0)
    w.add_final_logit_softcapping(30.0)
    w.add_sliding_window(4096)


def gemma3(w):
    dense(w, 26, 1152, 6912, 4, 1, 32768, 256)
    w.add_sliding_window(512)


def gpt_oss(w):
    dense(w, 24, 2880, 2880, 64, 8, 131072, 64)
    w.add_sliding_window(128)
    experts(w, 32, 4, 2880)
    w.add_rope_scaling_type(RopeScalingType.YARN)
    w.add_rope_scaling_factor(32.0)


def deepseek2(w):
    dense(w, 61, 7168, 18432, 128, 1, 163840)
    w.add_leading_dense_block_count(3)
    w.add_q_lora_rank(1536)
    w.add_kv_lora_rank(512)
    w.add_key_length(576)
    w.add_value_length(512)
    w.add_key_length_mla(192)
    w.add_value_length_mla(128)
    w.add_rope_dimension_count(64)
    experts(w, 256, 8, 2048)
    w.add_expert_shared_count(1)
    w.add_expert_weights_scale(2.5)


def qwen3next(w):
    dense(w, 48, 2048, 5120, 16, 2, 262144, 256)
    experts(w, 512, 10, 512)
    w.add_expert_shared_feed_forward_length(512)
    w.add_ssm_conv_kernel(4)
    w.add_ssm_state_size(128)
    w.add_ssm_group_count(16)
    w.add_ssm_time_step_rank(32)
    w.add_ssm_inner_size(4096)
    w.add_full_attention_interval(4)
    w.add_rope_dimension_count(64)


def qwen35(w):
    dense(w, 32, 4096, 12288, 16, 4, 262144, 256)
    w.add_ssm_conv_kernel(4)
    w.add_ssm_state_size(128)
    w.add_ssm_group_count(16)
    w.add_ssm_time_step_rank(32)
    w.add_ssm_inner_size(4096)
    w.add_full_attention_interval(4)
    w.add_rope_dimension_count(64)


def qwen35_mtp(w):
    dense(w, 65, 5120, 17408, 24, 4, 262144, 256)
    w.add_nextn_predict_layers(1)
    w.add_ssm_conv_kernel(4)
    w.add_ssm_state_size(128)
    w.add_ssm_group_count(16)
    w.add_ssm_time_step_rank(48)
    w.add_ssm_inner_size(6144)
    w.add_full_attention_interval(4)
    w.add_rope_dimension_count(64)


def granitehybrid(w):
    kv = [4 if layer in (5, 15, 25, 35) else 0 for layer in range(40)]
    dense(w, 40, 1536, 512, 12, kv, 131072)
    experts(w, 64, 6, 512)
    w.add_expert_shared_feed_forward_length(1024)
    mamba2(w, 4, 3072, 128, 1, 48)
    w.add_embedding_scale(12.0)
    w.add_rope_scaling_finetuned(False)


def nemotron_h_moe(w):
    pattern = "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME"
    dense(w, 52, 2688, [1856 if c == "E" else 0 for c in pattern], 32, [2 if c == "*" else 0 for c in pattern], 262144, 128)
    w.add_vocab_size(131072)
    w.add_rope_dimension_count(84)
    mamba2(w, 4, 4096, 128, 8, 64)
    experts(w, 128, 6, 1856)
    w.add_expert_shared_feed_forward_length(3712)
    w.add_expert_shared_count(1)
    w.add_expert_weights_scale(2.5)


def llama4(w):
    dense(w, 48, 5120, 16384, 40, 8, 10485760, 128)
    w.add_interleave_moe_layer_step(1)
    experts(w, 16, 1, 8192)
    w.add_vocab_size(202048)
    w.add_rope_dimension_count(128)


def gemma4_moe(w):
    swa = [layer % 6 != 5 for layer in range(30)]
    dense(w, 30, 2816, 2112, 16, [8 if s else 2 for s in swa], 262144)
    w.add_key_length(512)
    w.add_value_length(512)
    w.add_key_length_swa(256)
    w.add_value_length_swa(256)
    w.add_sliding_window(1024)
    w.add_sliding_window_pattern(swa)
    w.add_shared_kv_layers(0)
    w.add_embedding_length_per_layer_input(0)
    experts(w, 128, 8, 704)


def gemma4_e(w):
    swa = [layer % 6 != 5 for layer in range(42)]
    dense(w, 42, 2560, 10240, 8, 2, 131072)
    w.add_key_length(512)
    w.add_value_length(512)
    w.add_key_length_swa(256)
    w.add_value_length_swa(256)
    w.add_sliding_window(512)
    w.add_sliding_window_pattern(swa)
    w.add_shared_kv_layers(18)
    w.add_embedding_length_per_layer_input(256)


# File, tensors, name in the metadata, what writes the architecture's keys.
FILES = [
    ("Llama-3.2-1B-Instruct-Q8_0", "Llama-3.2-1B", "Llama 3.2 1B Instruct", llama),
    ("Qwen2.5-7B-Instruct-Q8_0", "Qwen2.5-7B", "Qwen2.5 7B Instruct", qwen2),
    ("Qwen3-0.6B-Q8_0", "Qwen3-0.6B", "Qwen3 0.6B", qwen3),
    ("Qwen3-30B-A3B-Q8_0", "Qwen3-30B-A3B", "Qwen3 30B A3B", qwen3moe),
    ("gemma-2-9b-it-Q8_0", "Gemma-2-9B", "Gemma 2 9b It", gemma2),
    ("gemma-3-1b-it-Q8_0", "Gemma-3-1B", "Gemma 3 1b It", gemma3),
    ("gpt-oss-20b-Q8_0", "GPT-OSS-20B", "Gpt Oss 20b", gpt_oss),
    ("DeepSeek-V3-Q8_0", "DeepSeek-V3-671B", "DeepSeek V3", deepseek2),
    ("Qwen3-Next-80B-A3B-Instruct-Q8_0", "Qwen3-Next-80B-A3B", "Qwen3 Next 80B A3B Instruct", qwen3next),
    ("Qwen3.5-9B-Q8_0", "Qwen3.5-9B", "Qwen3.5 9B", qwen35),
    ("Qwen3.6-27B-MTP-Q8_0", "Qwen3.6-27B+MTP", "Qwen3.6 27B", qwen35_mtp),
    ("granite-4.0-h-tiny-Q8_0", "Granite-4.0-H-Tiny", "Granite 4.0 H Tiny", granitehybrid),
    ("NVIDIA-Nemotron-3-Nano-30B-A3B-Q8_0", "Nemotron-3-Nano-30B-A3B", "NVIDIA Nemotron 3 Nano 30B A3B BF16", nemotron_h_moe),
    ("Llama-4-Scout-17B-16E-Instruct-Q8_0", "Llama-4-Scout", "Llama 4 Scout 17B 16E Instruct", llama4),
    ("gemma-4-26B-A4B-it-Q8_0", "Gemma-4-26B-A4B", "Gemma 4 26B A4B It", gemma4_moe),
    ("gemma-4-E4B-it-Q8_0", "Gemma-4-E4B", "Gemma 4 E4B It", gemma4_e),
]


def head(path, tensors, name, keys, **options):
    row = TENSORS[tensors]
    w = GGUFWriter(path, row["arch"], **options)
    w.add_type("model")
    w.add_name(name)
    w.add_license("other")
    keys(w)
    w.add_file_type(LlamaFileType.MOSTLY_Q8_0)
    w.add_quantization_version(2)
    # A vocabulary in small: texts, numbers, and something long.
    w.add_tokenizer_model("gpt2")
    w.add_token_list([f"token{i}" for i in range(64)])
    w.add_token_scores([0.0] * 64)
    w.add_token_types([1] * 64)
    w.add_token_merges(["a b", "c d"])
    w.add_chat_template("{{ messages }}" * 300)
    lengths = [0]
    for tensor, dims in row["tensors"]:
        kind = format_of(tensor, dims)
        block, size = GGML_QUANT_SIZES[kind]
        nbytes = int(np.prod(dims, dtype=object)) // block * size
        w.add_tensor_info(tensor, list(reversed(dims)), np.dtype(np.float32), nbytes, raw_dtype=kind)
        lengths.append((nbytes + 31) // 32 * 32)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_ti_data_to_file()
    w.close()
    return sum(lengths)


def main():
    files = {}
    for file, tensors, name, keys in FILES:
        path = HERE / f"{file}.gguf"
        data = head(path, tensors, name, keys)
        start = (path.stat().st_size + 31) // 32 * 32
        files[path.name] = {"length": start + data, "tensors": tensors}
    path = HERE / "Qwen3-0.6B-Q8_0-be.gguf"
    data = head(path, "Qwen3-0.6B", "Qwen3 0.6B", qwen3, endianess=GGUFEndian.BIG)
    files[path.name] = {"length": (path.stat().st_size + 31) // 32 * 32 + data, "tensors": "Qwen3-0.6B"}
    (HERE / "files.json").write_text(json.dumps(files, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
