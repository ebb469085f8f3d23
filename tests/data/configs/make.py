"""Writes configurations as the transformers library writes them, for the tests of the reader.

    pip install transformers
    python tests/data/configs/make.py        # from the repository's root

One model of the catalog for each model_type. The library names the fields and fills in what a publisher leaves out;
the values are those of the published models.
"""

import json
import pathlib

from transformers import CONFIG_MAPPING

HERE = pathlib.Path(__file__).parent
MODELS = {}
for line in (HERE.parents[2] / "assets" / "models.jsonl").read_text().splitlines():
    row = json.loads(line)
    MODELS[row["id"]] = row

# Fields that say nothing of shapes.
NOISE = {
    "id2label", "label2id", "architectures", "transformers_version", "return_dict", "output_hidden_states",
    "output_attentions", "is_encoder_decoder", "chunk_size_feed_forward", "problem_type", "bos_token_id",
    "eos_token_id", "pad_token_id", "initializer_range", "use_cache", "rope_theta", "rope_scaling",
    "rope_parameters", "attention_dropout", "hidden_act", "base_model_tp_plan", "base_model_pp_plan",
}


def width(m, field, at=0):
    value = m.get(field)
    return value[at] if isinstance(value, list) else value


def base(m):
    kw = {
        "hidden_size": m["n_embd"],
        "num_hidden_layers": m["n_layer"],
        "num_attention_heads": width(m, "n_head"),
        "num_key_value_heads": m["n_head_kv"],
        "head_dim": m["head_dim_k"],
        "intermediate_size": width(m, "n_ff") or 1,
        "vocab_size": m["n_vocab"],
        "max_position_embeddings": m["context_max"],
        "tie_word_embeddings": m.get("tied_embeddings", False),
        "dtype": "bfloat16",
    }
    if m.get("mtp_layers"):
        kw["num_nextn_predict_layers"] = m["mtp_layers"]
    return kw


def without(kw, *names):
    return {name: value for name, value in kw.items() if name not in names}


def experts(m, count="num_experts", used="num_experts_per_tok", inner="moe_intermediate_size"):
    e = m["moe"]
    return {count: e["n_expert"], used: e["n_expert_used"], inner: e["n_ff_expert"]}


def mla(m):
    a = m["attention"]["mla"]
    kw = {k: a[k] for k in ("kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim")}
    kw["q_lora_rank"] = a.get("q_lora_rank")
    return kw


def kinds(m, names):
    mixer = m["layers"]["mixer"]
    if len(mixer) == 1:
        mixer *= m["n_layer"]
    return [names[c] for c in mixer]


def dense_first(m):
    return m["layers"]["ffn"].count("d") if len(m["layers"]["ffn"]) > 1 else 0


SWA = {"A": "full_attention", "S": "sliding_attention"}
GDN = {"A": "full_attention", "D": "linear_attention"}


def gdn(m):
    r = m["recurrent"]
    return {
        "linear_num_key_heads": r["n_head_k"], "linear_num_value_heads": r["n_head_v"],
        "linear_key_head_dim": r["head_dim_k"], "linear_value_head_dim": r["head_dim_v"],
        "linear_conv_kernel_dim": r["d_conv"], "layer_types": kinds(m, GDN),
    }


def windows(m):
    return {"sliding_window": m["attention"]["sliding_window"], "layer_types": kinds(m, SWA)}


def bias(m):
    return {"attention_bias": m.get("attn_bias", "none") != "none"}


def deepseek(m):
    e = m["moe"]
    return {
        **base(m), **mla(m), **experts(m, "n_routed_experts"), "n_shared_experts": e["n_shared_expert"],
        "first_k_dense_replace": dense_first(m), "moe_layer_freq": 1,
    }


def gpt2(m):
    return {
        "n_embd": m["n_embd"], "n_layer": m["n_layer"], "n_head": m["n_head"], "n_positions": m["context_max"],
        "vocab_size": m["n_vocab"], "tie_word_embeddings": True,
    }


# model_type, model, fields.
CONFIGS = [
    ("llama", "meta-llama/Llama-3.1-8B-Instruct", base),
    ("llama", "meta-llama/Llama-3.2-1B-Instruct", base),
    ("llama", "ibm-granite/granite-3b-code-instruct-128k", lambda m: {**base(m), "attention_bias": True, "mlp_bias": True}),
    ("mistral", "mistralai/Mistral-7B-Instruct-v0.3", lambda m: {**base(m), "sliding_window": None}),
    ("mixtral", "mistralai/Mixtral-8x7B-Instruct-v0.1", lambda m: {**base(m), "intermediate_size": m["moe"]["n_ff_expert"], "num_local_experts": 8, "num_experts_per_tok": 2, "sliding_window": None}),
    ("granite", "ibm-granite/granite-3.1-2b-instruct", lambda m: without(base(m), "head_dim")),
    ("granitemoe", "ibm-granite/granite-3.0-1b-a400m-instruct", lambda m: {**without(base(m), "head_dim"), "intermediate_size": m["moe"]["n_ff_expert"], "num_local_experts": m["moe"]["n_expert"], "num_experts_per_tok": m["moe"]["n_expert_used"]}),
    ("granitemoehybrid", "ibm-granite/granite-4.0-h-tiny", lambda m: {**without(base(m), "head_dim"), "intermediate_size": m["moe"]["n_ff_expert"], "shared_intermediate_size": m["moe"]["n_ff_shared"], "num_local_experts": m["moe"]["n_expert"], "num_experts_per_tok": m["moe"]["n_expert_used"], "layer_types": kinds(m, {"A": "attention", "M": "mamba"}), "mamba_n_heads": m["recurrent"]["n_head"], "mamba_d_head": m["recurrent"]["head_dim"], "mamba_d_state": m["recurrent"]["d_state"], "mamba_n_groups": 1, "mamba_d_conv": 4}),
    ("qwen2", "Qwen/Qwen2.5-7B-Instruct", lambda m: without(base(m), "head_dim")),
    ("qwen2_moe", "Qwen/Qwen1.5-MoE-A2.7B-Chat", lambda m: {**without(base(m), "head_dim"), **experts(m), "shared_expert_intermediate_size": m["moe"]["n_ff_shared"]}),
    ("qwen2_5_vl", "Qwen/Qwen2.5-VL-7B-Instruct", lambda m: {"text_config": without(base(m), "head_dim"), "tie_word_embeddings": m.get("tied_embeddings", False)}),
    ("qwen3", "Qwen/Qwen3-4B", base),
    ("qwen3_moe", "Qwen/Qwen3-30B-A3B", lambda m: {**base(m), **experts(m), "decoder_sparse_step": 1, "mlp_only_layers": []}),
    ("qwen3_vl", "Qwen/Qwen3-VL-8B-Instruct", lambda m: {"text_config": base(m), "tie_word_embeddings": m.get("tied_embeddings", False)}),
    ("qwen3_vl_moe", "Qwen/Qwen3-VL-30B-A3B-Instruct", lambda m: {"text_config": {**base(m), **experts(m)}, "tie_word_embeddings": False}),
    ("qwen3_next", "Qwen/Qwen3-Next-80B-A3B-Instruct", lambda m: {**base(m), **experts(m), **gdn(m), "shared_expert_intermediate_size": 512}),
    ("qwen3_5", "Qwen/Qwen3.5-9B", lambda m: {"text_config": {**base(m), **gdn(m)}, "tie_word_embeddings": m.get("tied_embeddings", False)}),
    ("qwen3_5_moe", "Qwen/Qwen3.5-35B-A3B", lambda m: {"text_config": {**base(m), **gdn(m), **experts(m), "shared_expert_intermediate_size": m["moe"]["n_ff_shared"]}, "tie_word_embeddings": False}),
    ("gemma", "google/codegemma-2b", base),
    ("gemma2", "google/gemma-2-9b-it", lambda m: {**base(m), **windows(m)}),
    ("gemma3", "google/gemma-3-4b-it", lambda m: {"text_config": {**base(m), **windows(m)}}),
    ("gemma3_text", "google/gemma-3-1b-it", lambda m: {**base(m), **windows(m)}),
    ("gemma3n", "google/gemma-3n-E4B-it", lambda m: {"text_config": {**base(m), **windows(m), "intermediate_size": [width(m, "n_ff")] * m["n_layer"], "num_kv_shared_layers": m["attention"]["kv_shared_layers"], "hidden_size_per_layer_input": m["extra"]["ple_dim"], "vocab_size_per_layer_input": m["extra"]["ple_vocab"], "altup_num_inputs": m["extra"]["altup_inputs"], "laurel_rank": m["extra"]["laurel_rank"]}}),
    ("gemma4", "google/gemma-4-26B-A4B-it", lambda m: {"text_config": {**base(m), **windows(m), **experts(m, used="top_k_experts"), "enable_moe_block": True, "global_head_dim": 512, "num_global_key_value_heads": 2, "attention_k_eq_v": True, "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0}}),
    ("gemma4", "google/gemma-4-E4B-it", lambda m: {"text_config": {**base(m), **windows(m), "enable_moe_block": False, "global_head_dim": 512, "attention_k_eq_v": False, "num_kv_shared_layers": 18, "hidden_size_per_layer_input": 256, "vocab_size_per_layer_input": 262144}}),
    ("phi", "microsoft/phi-1_5", lambda m: without(base(m), "head_dim")),
    ("phi3", "microsoft/Phi-3-mini-4k-instruct", lambda m: {**without(base(m), "head_dim"), "pad_token_id": 0, "sliding_window": 2047}),
    ("phimoe", "microsoft/Phi-tiny-MoE-instruct", lambda m: {**base(m), "intermediate_size": m["moe"]["n_ff_expert"], "num_local_experts": m["moe"]["n_expert"], "num_experts_per_tok": 2, "attention_bias": True, "lm_head_bias": True}),
    ("gpt2", "openai-community/gpt2", gpt2),
    ("gpt_neox", "EleutherAI/pythia-70m-deduped", lambda m: without(base(m), "head_dim", "num_key_value_heads")),
    ("gpt_bigcode", "bigcode/starcoder", lambda m: {**gpt2(m), "multi_query": True}),
    ("starcoder2", "bigcode/starcoder2-3b", lambda m: {**without(base(m), "head_dim"), "sliding_window": 4096}),
    ("falcon", "tiiuae/falcon-7b-instruct", lambda m: {"hidden_size": m["n_embd"], "num_hidden_layers": m["n_layer"], "num_attention_heads": m["n_head"], "vocab_size": m["n_vocab"], "multi_query": True, "new_decoder_architecture": False, "parallel_attn": True, "bias": False}),
    ("falcon", "tiiuae/falcon-40b", lambda m: {"hidden_size": m["n_embd"], "num_hidden_layers": m["n_layer"], "num_attention_heads": m["n_head"], "num_kv_heads": m["n_head_kv"], "vocab_size": m["n_vocab"], "multi_query": True, "new_decoder_architecture": True, "parallel_attn": True, "bias": False, "tie_word_embeddings": False}),
    ("falcon_h1", "tiiuae/Falcon-H1-0.5B-Instruct", lambda m: {**base(m), "mamba_d_ssm": m["recurrent"]["d_inner"], "mamba_n_heads": m["recurrent"]["n_head"], "mamba_d_head": m["recurrent"]["head_dim"], "mamba_d_state": 128, "mamba_n_groups": 1, "mamba_d_conv": 4, "mamba_rms_norm": False}),
    ("falcon_mamba", "tiiuae/falcon-mamba-7b-instruct", lambda m: {"hidden_size": m["n_embd"], "num_hidden_layers": m["n_layer"], "vocab_size": m["n_vocab"], "state_size": m["recurrent"]["d_state"], "conv_kernel": 4, "time_step_rank": m["recurrent"]["dt_rank"], "intermediate_size": m["recurrent"]["d_inner"], "tie_word_embeddings": False}),
    ("mamba", "state-spaces/mamba-130m-hf", lambda m: {"hidden_size": m["n_embd"], "num_hidden_layers": m["n_layer"], "vocab_size": m["n_vocab"], "state_size": 16}),
    ("mamba2", "mistralai/Mamba-Codestral-7B-v0.1", lambda m: {"hidden_size": m["n_embd"], "num_hidden_layers": m["n_layer"], "vocab_size": m["n_vocab"], "num_heads": m["recurrent"]["n_head"], "head_dim": m["recurrent"]["head_dim"], "state_size": m["recurrent"]["d_state"], "n_groups": m["recurrent"]["n_group"], "tie_word_embeddings": False}),
    ("cohere", "CohereLabs/aya-expanse-8b", lambda m: without(base(m), "head_dim")),
    ("cohere2", "CohereLabs/c4ai-command-a-03-2025", lambda m: {**base(m), **windows(m)}),
    ("olmo", "allenai/OLMo-1B-hf", lambda m: without(base(m), "head_dim")),
    ("olmo2", "allenai/OLMo-2-0425-1B-Instruct", lambda m: without(base(m), "head_dim")),
    ("olmo3", "allenai/Olmo-3-7B-Think", lambda m: {**without(base(m), "head_dim"), **windows(m)}),
    ("olmoe", "allenai/OLMoE-1B-7B-0125-Instruct", lambda m: {**without(base(m), "head_dim"), **experts(m, inner="intermediate_size")}),
    ("flex_olmo", "allenai/FlexOlmo-7x7B-1T", lambda m: {**without(base(m), "head_dim"), **experts(m, inner="intermediate_size")}),
    ("exaone4", "LGAI-EXAONE/EXAONE-4.0-32B", lambda m: {**base(m), **windows(m)}),
    ("glm", "zai-org/glm-4-9b-chat-hf", lambda m: {**base(m), "attention_bias": True}),
    ("glm4", "zai-org/GLM-4-9B-0414", lambda m: {**base(m), **bias(m)}),
    ("glm4_moe", "zai-org/GLM-4.5-Air", lambda m: {**base(m), **experts(m, "n_routed_experts"), **bias(m), "n_shared_experts": 1, "first_k_dense_replace": 1, "use_qk_norm": False}),
    ("glm4_moe", "zai-org/GLM-4.5", lambda m: {**base(m), **experts(m, "n_routed_experts"), **bias(m), "n_shared_experts": 1, "first_k_dense_replace": 3, "use_qk_norm": True}),
    ("glm_moe_dsa", "zai-org/GLM-5", lambda m: {**deepseek(m), "index_n_heads": m["attention"]["indexer"]["n_head"], "index_head_dim": m["attention"]["indexer"]["head_dim"], "index_topk": m["attention"]["indexer"]["top_k"]}),
    ("deepseek_v2", "deepseek-ai/DeepSeek-Coder-V2-Lite-Instruct", deepseek),
    ("deepseek_v3", "deepseek-ai/DeepSeek-V3", deepseek),
    ("deepseek_v32", "deepseek-ai/DeepSeek-V3.2", lambda m: {**deepseek(m), "index_n_heads": m["attention"]["indexer"]["n_head"], "index_head_dim": m["attention"]["indexer"]["head_dim"], "index_topk": m["attention"]["indexer"]["top_k"]}),
    ("kimi_linear", "moonshotai/Kimi-Linear-48B-A3B-Instruct", lambda m: {**base(m), **mla(m), "num_experts": 256, "num_experts_per_token": 8, "moe_intermediate_size": 1024, "num_shared_experts": 1, "first_k_dense_replace": 1, "linear_attn_config": {"num_heads": 32, "head_dim": 128, "short_conv_kernel_size": 4, "full_attn_layers": [i + 1 for i, c in enumerate(m["layers"]["mixer"]) if c == "A"], "kda_layers": [i + 1 for i, c in enumerate(m["layers"]["mixer"]) if c == "K"]}}),
    ("gpt_oss", "openai/gpt-oss-20b", lambda m: {**base(m), **windows(m), "intermediate_size": 2880, "num_local_experts": 32, "num_experts_per_tok": 4}),
    ("llama4", "meta-llama/Llama-4-Scout-17B-16E-Instruct", lambda m: {"text_config": {**base(m), "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 16, "num_experts_per_tok": 1, "interleave_moe_layer_step": 1, "attention_chunk_size": 8192}}),
    ("llama4", "meta-llama/Llama-4-Maverick-17B-128E-Instruct", lambda m: {"text_config": {**base(m), "intermediate_size": 8192, "intermediate_size_mlp": 16384, "num_local_experts": 128, "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 8192}}),
    ("ernie4_5", "baidu/ERNIE-4.5-0.3B-PT", base),
    ("ernie4_5_moe", "baidu/ERNIE-4.5-21B-A3B-Thinking", lambda m: {**without(base(m), "head_dim"), "moe_num_experts": 64, "moe_k": 6, "moe_intermediate_size": m["moe"]["n_ff_expert"], "moe_num_shared_experts": m["moe"]["n_shared_expert"], "moe_layer_start_index": 1, "moe_layer_interval": 1}),
    ("hunyuan_v1_dense", "tencent/Hunyuan-0.5B-Instruct", base),
    ("hy_v3", "tencent/Hy3", lambda m: {**base(m), **experts(m), "num_shared_experts": 1, "first_k_dense_replace": dense_first(m)}),
    ("smollm3", "HuggingFaceTB/SmolLM3-3B", lambda m: without(base(m), "head_dim")),
    ("seed_oss", "ByteDance-Seed/Seed-OSS-36B-Instruct", lambda m: {**base(m), "attention_bias": True}),
    ("dots1", "rednote-hilab/dots.llm1.inst", lambda m: {**base(m), **experts(m, "n_routed_experts"), "n_shared_experts": m["moe"]["n_shared_expert"], "first_k_dense_replace": dense_first(m)}),
    ("lfm2", "LiquidAI/LFM2-1.2B", lambda m: {**without(base(m), "head_dim", "intermediate_size"), "block_ff_dim": 12288, "intermediate_size": 12288, "block_auto_adjust_ff_dim": True, "conv_L_cache": 3, "layer_types": kinds(m, {"A": "full_attention", "c": "conv"})}),
    ("lfm2_moe", "LiquidAI/LFM2-8B-A1B", lambda m: {**without(base(m), "head_dim"), **experts(m), "num_dense_layers": dense_first(m), "conv_L_cache": 3, "layer_types": kinds(m, {"A": "full_attention", "c": "conv"})}),
    ("minimax", "MiniMaxAI/MiniMax-Text-01", lambda m: {**base(m), "intermediate_size": 9216, "num_local_experts": 32, "num_experts_per_tok": 2, "layer_types": kinds(m, {"A": "full_attention", "L": "linear_attention"})}),
    ("minimax_m2", "MiniMaxAI/MiniMax-M2", lambda m: {**base(m), "intermediate_size": m["moe"]["n_ff_expert"], "num_local_experts": m["moe"]["n_expert"], "num_experts_per_tok": m["moe"]["n_expert_used"]}),
    ("nemotron_h", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", lambda m: {**without(base(m), "num_hidden_layers"), **experts(m, "n_routed_experts"), "moe_shared_expert_intermediate_size": 3712, "n_shared_experts": 1, "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME", "mamba_num_heads": 64, "mamba_head_dim": 64, "ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4}),
    ("jamba", "ai21labs/Jamba-v0.1", lambda m: {**without(base(m), "head_dim"), "intermediate_size": 14336, "num_experts": 16, "num_experts_per_tok": 2, "attn_layer_period": 8, "attn_layer_offset": 4, "expert_layer_period": 2, "expert_layer_offset": 1, "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_dt_rank": 256}),
    ("bitnet", "microsoft/bitnet-b1.58-2B-4T", lambda m: without(base(m), "head_dim")),
    ("stablelm", "stabilityai/stable-code-3b", lambda m: without(base(m), "head_dim")),
    ("stablelm", "stabilityai/stablelm-2-zephyr-1_6b", lambda m: {**without(base(m), "head_dim"), "use_qkv_bias": True}),
    ("arcee", "arcee-ai/AFM-4.5B", base),
    ("afmoe", "arcee-ai/Trinity-Nano-Preview", lambda m: {**base(m), **windows(m), **experts(m), "num_shared_experts": m["moe"]["n_shared_expert"], "num_dense_layers": dense_first(m)}),
    ("modernbert", "ibm-granite/granite-embedding-english-r2", lambda m: {**without(base(m), "head_dim", "num_key_value_heads"), "local_attention": 128, "global_attn_every_n_layers": 3}),
    ("mistral4", "mistralai/Mistral-Small-4-119B-2603", lambda m: {**deepseek(m)}),
    ("olmo_hybrid", "allenai/Olmo-Hybrid-7B", lambda m: {**base(m), **gdn(m)}),
    ("mellum", "JetBrains/Mellum2-12B-A2.5B-Instruct", lambda m: {**base(m), **windows(m), **experts(m)}),
    ("solar_open", "upstage/Solar-Open-100B", lambda m: {**base(m), **experts(m, "n_routed_experts"), "n_shared_experts": m["moe"]["n_shared_expert"], "first_k_dense_replace": dense_first(m)}),
]


def as_published(model_type, name, config):
    """What the published files say in words that this version of the library turns into others."""
    m = MODELS[name]
    if name == "google/gemma-4-26B-A4B-it":
        text = config["text_config"]
        del text["per_layer_config"]
        text.update(global_head_dim=512, num_global_key_value_heads=2)
    if model_type == "nemotron_h":
        published = {k: v for k, v in config.items() if k not in ("layers_block_type", "mtp_layers_block_type")}
        published["hybrid_override_pattern"] = "".join(
            {"M": "M", "A": "*", "-": "E"}[c] for c in m["layers"]["mixer"]
        )
        published["num_hidden_layers"] = m["n_layer"]
        return [config, published]
    return [config]


def slim(value):
    if isinstance(value, dict):
        return {k: slim(v) for k, v in value.items() if k not in NOISE}
    return value


def main():
    lines = []
    for model_type, name, fields in CONFIGS:
        if name not in MODELS:
            print("not in the catalog:", name)
            continue
        try:
            config = CONFIG_MAPPING[model_type](**fields(MODELS[name])).to_dict()
        except Exception as error:  # a class that refuses what the model has
            print(model_type, name, type(error).__name__, error)
            continue
        config = slim(config)
        config.pop("vision_config", None) and config.update(vision_config={})
        config.pop("audio_config", None)
        config["model_type"] = model_type
        for variant in as_published(model_type, name, config):
            lines.append(json.dumps({"catalog": name, "config": variant}, sort_keys=True))
    (HERE / "configs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), "configurations")


if __name__ == "__main__":
    main()
