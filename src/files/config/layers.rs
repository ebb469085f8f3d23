//! What each block is, from the many ways in which configurations say it.

use super::json::Fields;
use super::kinds::{Kind, Windows};
use crate::files::error::Fault;
use crate::language::tr;
use crate::model::record::counts::{LONGEST_CONTEXT, MOST_BLOCKS};

/// Mixers, one code a block, and the window of those that have one.
pub fn mixers(
    fields: Fields<'_>,
    kind: &Kind,
    n_layer: u32,
    notes: &mut Vec<String>,
) -> Result<(String, Option<u32>), Fault> {
    let window = window(fields, kind)?;
    let state = kind.state.unwrap_or('A');
    let listed = fields.texts(&["layer_types", "layers_block_type", "layers_types"], n_layer)?;
    let codes: String = if let Some(listed) = listed {
        let code = |name: &&str| {
            Ok(match *name {
                "full_attention"
                | "attention"
                | "global"
                | "full"
                | "hybrid"
                | "indexed_attention"
                | "deepseek_sparse_attention" => whole(state),
                "sliding_attention" | "chunked_attention" | "local" | "sliding" if window.is_some() => 'S',
                "sliding_attention" | "chunked_attention" | "local" | "sliding" => 'A',
                "linear_attention" | "conv" | "mamba" | "mamba2" | "recurrent" => state,
                "mlp" | "moe" => '-',
                other => {
                    let problem = tr!("a block of kind {kind} is not known", kind = format!("{other:?}"));
                    return Err(Fault::invalid("\"layer_types\"", problem));
                }
            })
        };
        listed.iter().map(code).collect::<Result<_, _>>()?
    } else if let Some(pattern) = fields.text(&["hybrid_override_pattern"])? {
        by_letters(pattern, n_layer, state)?
    } else {
        (0..n_layer).map(|block| state_or_attention(fields, kind, block, state)).collect::<Result<_, _>>()?
    };
    let has_windows = codes.contains('S');
    if window.is_none() || has_windows || state == 'P' {
        return Ok((codes, window.filter(|_| has_windows)));
    }
    let windowed = windowed(fields, kind, n_layer, notes)?;
    let codes: String = codes
        .chars()
        .zip(windowed.into_iter().chain(std::iter::repeat(false)))
        .map(|(code, is)| if is && code == 'A' { 'S' } else { code })
        .collect();
    let has_windows = codes.contains('S');
    Ok((codes, window.filter(|_| has_windows)))
}

/// A block that attends: of those that do both at once, that.
fn whole(state: char) -> char {
    if state == 'P' { 'P' } else { 'A' }
}

fn window(fields: Fields<'_>, kind: &Kind) -> Result<Option<u32>, Fault> {
    if kind.window_unused || fields.flag(&["use_sliding_window"])? == Some(false) {
        return Ok(None);
    }
    let names = ["sliding_window", "sliding_window_size", "attention_chunk_size", "local_attention"];
    Ok(fields.whole(&names, LONGEST_CONTEXT)?.filter(|&window| window > 0))
}

/// A pattern such as `M-M*-E`: Mamba, network, attention, experts.
fn by_letters(pattern: &str, n_layer: u32, state: char) -> Result<String, Fault> {
    let place = "\"hybrid_override_pattern\"";
    if pattern.len() != n_layer as usize {
        let problem = tr!(
            "has {letters} letters, and there are {blocks} blocks",
            letters = pattern.len(),
            blocks = n_layer
        );
        return Err(Fault::invalid(place, problem));
    }
    let code = |letter: char| match letter {
        'M' => Ok(state),
        '*' => Ok('A'),
        '-' | 'E' => Ok('-'),
        other => {
            Err(Fault::invalid(place, tr!("{letter} is no kind of block", letter = format!("{other:?}"))))
        }
    };
    pattern.chars().map(code).collect()
}

/// Blocks with a state, and those among them that attend.
fn state_or_attention(fields: Fields<'_>, kind: &Kind, block: u32, state: char) -> Result<char, Fault> {
    if matches!(state, 'A' | 'P') {
        return Ok(state);
    }
    let linear = fields.object("linear_attn_config", "linear_attn_config.")?;
    if let Some((_, list)) = linear.and_then(|linear| linear.get(&["full_attn_layers"])) {
        // Counted from 1.
        let full =
            list.as_array().is_some_and(|list| list.iter().any(|n| n.as_u64() == Some(u64::from(block) + 1)));
        return Ok(if full { 'A' } else { state });
    }
    if let Some((_, list)) = fields.get(&["full_attn_idxs"]) {
        let full = list.as_array().is_some_and(|list| list.iter().any(|n| n.as_u64() == Some(block.into())));
        return Ok(if full { 'A' } else { state });
    }
    if let Some(each) = fields.each(&["attn_type_list"], block + 1, 1)? {
        return Ok(if each.last() == Some(&1) { 'A' } else { state });
    }
    if let Some(period) = fields.whole(&["attn_layer_period"], MOST_BLOCKS)?.filter(|&period| period > 0) {
        let offset = fields.whole(&["attn_layer_offset"], MOST_BLOCKS)?.unwrap_or(0);
        return Ok(if block % period == offset { 'A' } else { state });
    }
    let every = fields.whole(&["full_attention_interval"], MOST_BLOCKS)?.or(kind.full_every);
    Ok(match every.filter(|&every| every > 0) {
        Some(every) if (block + 1).is_multiple_of(every) => 'A',
        _ => state,
    })
}

/// Blocks with a window, where no list of kinds says which.
fn windowed(
    fields: Fields<'_>,
    kind: &Kind,
    n_layer: u32,
    notes: &mut Vec<String>,
) -> Result<Vec<bool>, Fault> {
    if let Some(each) = fields.each(&["hybrid_layer_pattern"], n_layer, 1)? {
        return Ok(each.into_iter().map(|flag| flag == 1).collect());
    }
    if kind.arch == "llama4"
        && let Some(rotary) = fields.each(&["no_rope_layers"], n_layer, 1).ok().flatten()
    {
        return Ok(rotary.into_iter().map(|flag| flag == 1).collect());
    }
    let stated = ["sliding_window_pattern", "_sliding_window_pattern", "global_attn_every_n_layers"];
    let period = match fields.get(&stated) {
        // "LLLG": of four blocks the last sees everything.
        Some((_, serde_json::Value::String(letters))) => Some(letters.len() as u32),
        _ => fields.whole(&stated, MOST_BLOCKS)?,
    };
    let usual = kind.windows;
    let Some(period) = period.or(usual.map(|windows| windows.period)).filter(|&period| period > 0) else {
        notes.push(
            tr!("a window is stated, but not which blocks have it; all are taken to see the whole context")
                .to_owned(),
        );
        return Ok(Vec::new());
    };
    let Windows { whole_first, .. } = usual.unwrap_or(Windows { period, whole_first: false });
    let is =
        |block: u32| if whole_first { !block.is_multiple_of(period) } else { block % period != period - 1 };
    Ok((0..n_layer).map(is).collect())
}

/// Feed-forward networks, one code a block; `experts`: the model has some.
pub fn feed_forwards(
    fields: Fields<'_>,
    kind: &Kind,
    n_layer: u32,
    mixers: &str,
    experts: bool,
) -> Result<String, Fault> {
    if matches!(kind.state, Some('m' | 'M'))
        && !kind.arch.starts_with("jamba")
        && !kind.arch.starts_with("granite")
    {
        return of_mamba(fields, n_layer, mixers);
    }
    if !experts {
        return Ok("d".repeat(n_layer as usize));
    }
    if fields.flag(&["enable_moe_block"])? == Some(true) {
        return Ok("b".repeat(n_layer as usize));
    }
    let code = |is_moe: bool| if is_moe { 'e' } else { 'd' };
    if let Some(listed) = fields.texts(&["mlp_layer_types"], n_layer)? {
        return Ok(listed.into_iter().map(|name| code(name != "dense")).collect());
    }
    let blocks = 0..n_layer;
    if let Some((name, value)) = fields.get(&["moe_layers_enum", "moe_layers"]) {
        let numbers: Option<Vec<u64>> = match value {
            serde_json::Value::String(text) => text.split(',').map(|part| part.trim().parse().ok()).collect(),
            serde_json::Value::Array(list) => list.iter().map(serde_json::Value::as_u64).collect(),
            _ => None,
        };
        let numbers = numbers.ok_or_else(|| fields.wrong(name, tr!("a list of blocks"), value))?;
        return Ok(blocks.map(|block| code(numbers.contains(&u64::from(block)))).collect());
    }
    if let Some((_, serde_json::Value::Array(_))) = fields.get(&["moe_layer_freq"]) {
        let each = fields.each(&["moe_layer_freq"], n_layer, 1)?.unwrap_or_default();
        return Ok(each.into_iter().map(|flag| code(flag == 1)).collect());
    }
    by_rule(fields, n_layer)
}

/// Blocks by a first one, a step, and exceptions.
fn by_rule(fields: Fields<'_>, n_layer: u32) -> Result<String, Fault> {
    let whole = |names: &[&'static str]| fields.whole(names, MOST_BLOCKS);
    let first =
        whole(&["first_k_dense_replace", "num_dense_layers", "moe_layer_start_index", "n_dense_layers"])?;
    let first = first.unwrap_or(0);
    let end = fields.get(&["moe_layer_end_index"]).and_then(|(_, value)| value.as_i64());
    let end = end.filter(|&end| end >= 0).map_or(n_layer, |end| u32::try_from(end).unwrap_or(n_layer));
    let jamba = whole(&["expert_layer_period"])?.filter(|&period| period > 0);
    let offset = whole(&["expert_layer_offset"])?.unwrap_or(0);
    // Counted from 1: with a step of 2, the second block is the first with experts.
    let sparse = whole(&["decoder_sparse_step", "interleave_moe_layer_step"])?.filter(|&step| step > 0);
    let every = whole(&["moe_layer_freq", "moe_layer_interval"])?.filter(|&every| every > 0).unwrap_or(1);
    let dense: Vec<u64> = match fields.get(&["mlp_only_layers"]) {
        Some((_, serde_json::Value::Array(list))) => {
            list.iter().filter_map(serde_json::Value::as_u64).collect()
        }
        _ => Vec::new(),
    };
    let is_moe = |block: u32| {
        let by_period = jamba.is_none_or(|period| block % period == offset % period);
        let by_step =
            sparse.is_none_or(|step| (block + 1).is_multiple_of(step)) && block.is_multiple_of(every);
        block >= first && block <= end && by_period && by_step && !dense.contains(&u64::from(block))
    };
    Ok((0..n_layer).map(|block| if is_moe(block) { 'e' } else { 'd' }).collect())
}

/// Mamba's blocks have no network of their own; in Nemotron-H a network is a block.
fn of_mamba(fields: Fields<'_>, n_layer: u32, mixers: &str) -> Result<String, Fault> {
    if let Some(pattern) = fields.text(&["hybrid_override_pattern"])? {
        let code = |letter| match letter {
            '-' => 'd',
            'E' => 'e',
            _ => '-',
        };
        return Ok(pattern.chars().map(code).collect());
    }
    if let Some(listed) = fields.texts(&["layers_block_type", "layer_types"], n_layer)? {
        let code = |name: &str| match name {
            "mlp" => 'd',
            "moe" => 'e',
            _ => '-',
        };
        return Ok(listed.into_iter().map(code).collect());
    }
    Ok("-".repeat(mixers.len()))
}
