//! What containers of a kind of GPU need.

use super::yaml::Node;
use super::{Form, Subject};
use crate::estimate::command::options;
use crate::language::tr;
use crate::machine::Vendor;

/// Where a machine keeps files of models; a person changes it.
pub(super) const FOLDER: &str = "/srv/models";
/// Where engines keep what they load from the hub.
pub(super) const CACHE: &str = "/root/.cache/huggingface";

/// The image of `program` for this machine's GPUs.
pub(super) fn image(subject: &Subject<'_>, program: &str) -> Result<&'static str, String> {
    let vendor = vendor(subject);
    let found =
        options::options().images.iter().find(|known| known.program == program && known.vendor == vendor);
    found
        .map(|known| known.image.as_str())
        .ok_or_else(|| tr!("No image of {program} is known for these GPUs.", program))
}

/// The image of what runs without a GPU.
pub(super) fn plain_image(program: &str) -> &'static str {
    let found = options::options().images.iter().find(|known| known.program == program);
    found.map_or("", |known| known.image.as_str())
}

/// Whose GPUs a machine has.
pub(super) fn vendor(subject: &Subject<'_>) -> Vendor {
    subject.offer.group.rig.devices.first().map_or(Vendor::Other, |device| device.vendor)
}

/// Whether containers can use these GPUs at all.
pub(super) fn check(subject: &Subject<'_>, form: Form) -> Result<(), String> {
    match (vendor(subject), form) {
        (Vendor::Apple, _) => Err(tr!("Containers cannot use an Apple GPU.").to_owned()),
        (Vendor::Intel, Form::Kubernetes) => Err(tr!(
            "Kubernetes gives Intel's GPUs out under names that differ by driver: no manifest is written."
        )
        .to_owned()),
        _ => Ok(()),
    }
}

/// A service of Compose with the GPUs of a machine.
pub(super) fn with_gpus(service: Node, subject: &Subject<'_>) -> Node {
    match vendor(subject) {
        Vendor::Nvidia => {
            let device = Node::map([
                ("driver", "nvidia".into()),
                ("count", subject.cards().into()),
                ("capabilities", Node::texts(["gpu"])),
            ]);
            let reservations = Node::map([("devices", Node::List(vec![device]))]);
            service.with("deploy", Node::map([("resources", Node::map([("reservations", reservations)]))]))
        }
        Vendor::Amd => service.with("devices", Node::texts(["/dev/kfd", "/dev/dri"])).with(
            "group_add",
            Node::texts(["${VIDEO_GROUP}", "${RENDER_GROUP}"])
                .said("Numbers of the groups: getent group video render | cut -d: -f3"),
        ),
        Vendor::Intel => service.with("devices", Node::texts(["/dev/dri"])),
        _ => service,
    }
}

/// What a container of Kubernetes may use.
pub(super) fn resources(subject: &Subject<'_>) -> Option<Node> {
    let name = match vendor(subject) {
        Vendor::Nvidia => "nvidia.com/gpu",
        Vendor::Amd => "amd.com/gpu",
        _ => return None,
    };
    let gpus = Node::map([(name, Node::Text(subject.cards().to_string()))]);
    Some(Node::map([("limits", gpus)]))
}

/// The folder of models and what comes from the hub, in a container of Compose.
pub(super) fn volumes(cache: &str) -> Node {
    Node::texts([
        format!("${{MODELS:-{FOLDER}}}:/models:ro"),
        format!("${{HOME}}/.cache/huggingface:{cache}"),
    ])
}

/// The same in a container of Kubernetes: mounts and volumes.
pub(super) fn mounts(cache: &str) -> (Node, Node) {
    let mount = |name: &str, path: &str| Node::map([("name", name.into()), ("mountPath", path.into())]);
    let host = |name: &str, path: &str| {
        let from = Node::map([("path", path.into()), ("type", "DirectoryOrCreate".into())]);
        Node::map([("name", name.into()), ("hostPath", from)])
    };
    let memory = Node::map([("medium", "Memory".into())]);
    (
        Node::List(vec![mount("models", "/models"), mount("hub", cache), mount("shared-memory", "/dev/shm")]),
        Node::List(vec![
            host("models", FOLDER).said("On each node; a network folder saves copies"),
            host("hub", "/var/cache/huggingface"),
            Node::map([("name", "shared-memory".into()), ("emptyDir", memory)]),
        ]),
    )
}

/// A check that the server answers, as Kubernetes asks it.
pub(super) fn ready(port: u32) -> Node {
    let get = Node::map([("path", "/health".into()), ("port", port.into())]);
    // Loading takes minutes: it is asked for an hour.
    Node::map([
        ("httpGet", get),
        ("periodSeconds", Node::Number(10)),
        ("failureThreshold", Node::Number(360)),
    ])
}

/// A service of Kubernetes that shares requests among pods.
pub(super) fn service(name: &str, selector: Node, port: u32) -> Node {
    let port = Node::map([("name", "http".into()), ("port", port.into()), ("targetPort", port.into())]);
    Node::map([
        ("apiVersion", "v1".into()),
        ("kind", "Service".into()),
        ("metadata", Node::map([("name", name.into())])),
        ("spec", Node::map([("selector", selector), ("ports", Node::List(vec![port]))])),
    ])
}

/// The label that pods of an application carry.
pub(super) fn labels(name: &str) -> Node {
    Node::map([("app.kubernetes.io/name", name.into())])
}

/// Documents in one file.
pub(super) fn documents(remarks: &[String], nodes: &[Node]) -> String {
    let none: &[String] = &[];
    let texts: Vec<String> = nodes
        .iter()
        .enumerate()
        .map(|(place, node)| node.document(if place == 0 { remarks } else { none }))
        .collect();
    texts.join("---\n")
}
