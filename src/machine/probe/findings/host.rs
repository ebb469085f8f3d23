//! Processor and memory, as the system said it.

use serde::{Deserialize, Serialize};

use super::super::super::parts::{Cache, CoreGroup, Module};

use crate::units::Bytes;

/// Processor and main memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct System {
    /// Processor's name.
    pub cpu: Option<String>,
    /// Name of the computer or board, where the processor has none that says anything.
    pub board: Option<String>,
    /// Physical cores.
    pub cores: Option<u32>,
    /// Hardware threads.
    pub threads: Option<u32>,
    /// Cores by kind, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub core_groups: Vec<CoreGroup>,
    /// Instruction sets that matter for models, as the kernel names them: "avx2", "`avx512_vnni`", "asimddp".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub isa: Vec<String>,
    /// Caches of the levels 2 and 3.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Cache>,
    /// Processors in sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u32>,
    /// Parts of the memory that are each nearest to some cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numa_nodes: Option<u32>,
    /// The processor's architecture, where this program was built for another and is emulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emulated_on: Option<String>,
    /// Memory that is fitted, where the system says it: what firmware keeps for a GPU is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_installed: Option<Bytes>,
    /// Memory that the system sees.
    pub memory_total: Bytes,
    /// Memory available to a new program.
    pub memory_available: Bytes,
    /// What the kernel itself holds of it: its structures, stacks and page tables.
    pub kernel: Option<Bytes>,
    /// Limit of the control group that this process runs in.
    pub cgroup: Option<CgroupLimit>,
    /// Memory modules that are fitted, where the system tells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Module>,
    /// Why the system does not tell what modules there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modules_refused: Option<String>,
}

/// The smallest memory limit of the control groups above this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupLimit {
    /// The limit.
    pub limit: Bytes,
    /// What is left of it, file cache that can be dropped not counted as used.
    pub available: Bytes,
}
