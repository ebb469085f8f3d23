//! Ollama: llama.cpp's arithmetic with its own defaults.

use std::borrow::Cow;

use super::{mib, rules};
use crate::estimate::rig::Rig;
use crate::estimate::scenario::{Engine, Scenario};

/// The scenario and the rig as Ollama sees them: it leaves memory free on each card, cannot keep experts
/// alone in RAM, and gives each slot its own part of the cache. Borrowed for every other engine.
pub fn adapted<'a>(scenario: &'a Scenario, rig: &'a Rig) -> (Cow<'a, Scenario>, Cow<'a, Rig>) {
    let Some(rules) =
        rules::of(scenario.engine).ollama.as_ref().filter(|_| scenario.engine == Engine::Ollama)
    else {
        return (Cow::Borrowed(scenario), Cow::Borrowed(rig));
    };
    let mut scenario = scenario.clone();
    scenario.unified_kv &= scenario.parallel <= 1;
    if scenario.placement.cpu_moe_layers.is_some() {
        scenario.placement.cpu_moe_layers = Some(0);
    }
    let mut rig = rig.clone();
    for device in rig.devices.iter_mut().filter(|device| !device.unified) {
        device.free = device.free - mib(rules.slack_mib);
    }
    (Cow::Owned(scenario), Cow::Owned(rig))
}
