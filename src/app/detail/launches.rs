//! The command for each program that can run the model on this machine, and why the others cannot.

use crate::estimate::command::{self, Ask, Launch, Program};
use crate::estimate::scenario::PlacementRequest;
use crate::estimate::{FitClass, Plan, Rig, Scenario, engine};
use crate::language::tr;
use crate::quant::Level;

use super::{Subject, facts};

/// Most machines that a model is spread over.
const MOST_MACHINES: u32 = 4;
/// Most devices of them together.
const MOST_DEVICES: usize = 8;

/// A program that can run the model here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchTab {
    /// The command.
    pub launch: Launch,
    /// What happens then, where that is not what the panel says already.
    pub outcome: Option<String>,
}

/// A program that cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHere {
    /// The program.
    pub program: Program,
    /// Why.
    pub reason: String,
    /// It could, if there were more memory.
    pub is_too_big: bool,
}

/// Commands of the programs that run the model, and the others with their reasons; `plan` is that of the
/// scenario's own engine.
pub(super) fn launches(subject: &Subject<'_>, plan: &Plan) -> (Vec<LaunchTab>, Vec<NotHere>) {
    let (mut tabs, mut others) = (Vec::new(), Vec::new());
    for program in Program::ALL {
        match tab(subject, plan, program) {
            Ok(tab) => tabs.push(tab),
            Err(other) => others.push(other),
        }
    }
    if plan.fit.class > FitClass::Tight {
        tabs.extend(Program::CLUSTER.into_iter().filter_map(|program| cluster(subject, plan.level, program)));
    }
    (tabs, others)
}

fn tab(subject: &Subject<'_>, own: &Plan, program: Program) -> Result<LaunchTab, NotHere> {
    let (model, rig) = (subject.model, subject.rig);
    let scenario = elsewhere(subject.scenario, program);
    let level = engine::counterpart(program.engine(), own.level);
    let is_own = scenario == *subject.scenario && level == own.level;
    let planned;
    let plan = if is_own {
        own
    } else {
        let asked = subject.estimator.plan(model, level, &scenario, rig);
        planned = asked.map_err(|unsupported| {
            let reason = facts::sentence(&unsupported.reason);
            NotHere { program, reason, is_too_big: false }
        })?;
        &planned
    };
    if plan.fit.class == FitClass::TooBig && !is_own {
        let reason = tr!("At {level}: {reason}", level, reason = plan.fit.reason);
        return Err(NotHere { program, reason, is_too_big: true });
    }
    let ask = Ask { model, level, scenario: &scenario, rig, plan, machines: 1 };
    let launch = command::launch(program, &ask);
    let outcome = (!is_own).then(|| outcome(subject.scenario, &scenario, own.level, level, plan, program));
    Ok(LaunchTab { launch, outcome: outcome.flatten() })
}

/// The scenario for another engine: its cache type is the nearest that the engine has, and a placement that
/// was asked for holds for llama.cpp alone.
fn elsewhere(scenario: &Scenario, program: Program) -> Scenario {
    let engine = program.engine();
    if engine == scenario.engine {
        return scenario.clone();
    }
    let cache = |asked| engine::nearest_cache(engine, asked);
    let (cache_k, cache_v) = (cache(scenario.cache_k), cache(scenario.cache_v));
    let placement = if engine.is_ggml() && scenario.engine.is_ggml() {
        scenario.placement.clone()
    } else {
        PlacementRequest::default()
    };
    Scenario { cache_k, cache_v, engine, placement, ..scenario.clone() }
}

/// What another program does, where it is not just the plan of the panel.
fn outcome(
    asked: &Scenario,
    scenario: &Scenario,
    asked_level: Level,
    level: Level,
    plan: &Plan,
    program: Program,
) -> Option<String> {
    if scenario.engine == asked.engine {
        return None;
    }
    let mut parts = Vec::new();
    if level != asked_level {
        let title = program.title();
        parts.push(tr!("{title} does not read {asked_level}: this runs {level}.", title, asked_level, level));
    }
    if scenario.cache_k != asked.cache_k || scenario.cache_v != asked.cache_v {
        parts.push(tr!("Its cache is {name}.", name = scenario.cache_k.name()));
    }
    parts.push(plan.fit.reason.clone());
    Some(parts.join(" "))
}

/// The same model on the fewest machines like this one that hold it on their GPUs.
fn cluster(subject: &Subject<'_>, level: Level, program: Program) -> Option<LaunchTab> {
    let (model, engine) = (subject.model, program.engine());
    let one = subject.rig;
    if one.devices.is_empty() || !engine::reads(engine, level) {
        return None;
    }
    (2..=MOST_MACHINES).find_map(|machines| {
        let rig = several(one, machines);
        if rig.devices.len() > MOST_DEVICES {
            return None;
        }
        let mut scenario = elsewhere(subject.scenario, program);
        // llama.cpp counts the devices of other machines first and has no other name for them.
        let devices = (0..rig.devices.len()).collect();
        scenario.placement = PlacementRequest { devices: Some(devices), ..PlacementRequest::default() };
        let plan = subject.estimator.plan(model, level, &scenario, &rig).ok()?;
        if plan.fit.class > FitClass::Tight {
            return None;
        }
        let ask = Ask { model, level, scenario: &scenario, rig: &rig, plan: &plan, machines };
        let launch = command::launch(program, &ask);
        let outcome =
            Some(tr!("On {machines} machines like this one: {reason}", machines, reason = plan.fit.reason));
        Some(LaunchTab { launch, outcome })
    })
}

/// The devices of `machines` machines, the other machines' first, with this one's processor and RAM.
fn several(one: &Rig, machines: u32) -> Rig {
    let count = one.devices.len() * machines as usize;
    Rig { devices: one.devices.iter().cycle().take(count).cloned().collect(), ..one.clone() }
}
