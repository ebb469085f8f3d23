//! llama-server on each machine; nginx, or a service of Kubernetes, shares the requests.

use super::arguments::{self, Argument};
use super::containers::{self, CACHE};
use super::yaml::Node;
use super::{Deployment, File, Form, Kind, Stack, Subject};
use crate::language::tr;

/// Port of llama-server in its documentation.
pub(super) const PORT: u32 = 8080;

pub(super) fn files(subject: &Subject<'_>, form: Form) -> Result<Deployment, String> {
    let stack = Stack::LlamaServers;
    let mut words = arguments::of(subject, stack.program(), "llama-server");
    words.push(Argument::own("llama.cpp", "--host", Some("0.0.0.0".to_owned())));
    words.push(Argument::own("llama.cpp", "--port", Some(PORT.to_string())));
    let image = containers::image(subject, "llama.cpp")?;
    Ok(match form {
        Form::Compose => compose(subject, image, &words),
        Form::Kubernetes => kubernetes(subject, image, &words),
    })
}

fn compose(subject: &Subject<'_>, image: &str, words: &[Argument]) -> Deployment {
    let service = Node::map([
        ("image", image.into()),
        ("restart", "unless-stopped".into()),
        ("ports", Node::texts([format!("{PORT}:{PORT}")])),
        ("volumes", containers::volumes(CACHE)),
        ("command", arguments::list(words)),
    ]);
    let service = containers::with_gpus(service, subject);
    let server = Node::map([("services", Node::map([("llama", service)]))]);
    let mut files = vec![File {
        name: "server.compose.yaml".to_owned(),
        kind: Kind::Compose,
        text: server.document(&subject.remarks("on each machine")),
    }];
    let mut steps =
        vec![tr!("on each machine: {command}", command = "docker compose -f server.compose.yaml up -d")];
    files.extend(balancer(subject, PORT));
    if subject.offer.replicas > 1 {
        steps.push(tr!(
            "on one of them: {command}",
            command = "docker compose -f balancer.compose.yaml up -d"
        ));
    }
    let notes = notes(subject);
    Deployment { stack: Stack::LlamaServers, form: Form::Compose, files, steps, notes }
}

/// nginx before several servers, each of which listens on `port`; nothing before one.
pub(super) fn balancer(subject: &Subject<'_>, port: u32) -> Vec<File> {
    let replicas = subject.offer.replicas;
    if replicas < 2 {
        return Vec::new();
    }
    let volume = "./nginx.conf:/etc/nginx/conf.d/default.conf:ro".to_owned();
    let service = Node::map([
        ("image", containers::plain_image("nginx").into()),
        ("restart", "unless-stopped".into()),
        ("ports", Node::texts(["80:80"])),
        ("volumes", Node::texts([volume])),
    ]);
    let compose = Node::map([("services", Node::map([("balancer", service)]))]);
    vec![
        File {
            name: "balancer.compose.yaml".to_owned(),
            kind: Kind::Compose,
            text: compose.document(&subject.remarks("shares the requests among the machines")),
        },
        File { name: "nginx.conf".to_owned(), kind: Kind::Nginx, text: nginx(subject, port) },
    ]
}

fn nginx(subject: &Subject<'_>, port: u32) -> String {
    let servers = (1..=subject.offer.replicas).fold(String::new(), |text, number| {
        let machine = first_of(subject, number);
        text + &format!("    server MACHINE{machine}:{port};\n")
    });
    let remarks = super::comments(&subject.remarks("put the machines' addresses"));
    format!(
        "{remarks}upstream models {{\n    least_conn;\n{servers}}}\nserver {{\n    listen 80;\n    location / {{\n        \
         proxy_pass http://models;\n        proxy_set_header Host $host;\n        proxy_set_header X-Forwarded-For \
         $proxy_add_x_forwarded_for;\n        # Tokens are passed on as they come, and a request may wait for its \
         turn.\n        proxy_buffering off;\n        proxy_read_timeout 3600s;\n    }}\n}}\n"
    )
}

/// The number of the first machine of a replica, from 1.
fn first_of(subject: &Subject<'_>, replica: u32) -> u32 {
    (replica - 1) * subject.offer.group.machines + 1
}

fn kubernetes(subject: &Subject<'_>, image: &str, words: &[Argument]) -> Deployment {
    let name = subject.name();
    let nodes = [
        deployment(subject, &name, image, words, PORT, None),
        containers::service(&name, containers::labels(&name), PORT),
    ];
    let text =
        containers::documents(&subject.remarks("a pod a machine, and what shares the requests"), &nodes);
    Deployment {
        stack: Stack::LlamaServers,
        form: Form::Kubernetes,
        files: vec![File { name: "llama.yaml".to_owned(), kind: Kind::Kubernetes, text }],
        steps: vec!["kubectl apply -f llama.yaml".to_owned()],
        notes: notes(subject),
    }
}

/// Pods with a server each, as many as there are replicas.
pub(super) fn deployment(
    subject: &Subject<'_>,
    name: &str,
    image: &str,
    words: &[Argument],
    port: u32,
    command: Option<Node>,
) -> Node {
    let (mounts, volumes) = containers::mounts(CACHE);
    let mut container = Node::map([("name", "server".into()), ("image", image.into())]);
    if let Some(command) = command {
        container = container.with("command", command);
    }
    container = container
        .with("args", arguments::list(words))
        .with("ports", Node::List(vec![Node::map([("containerPort", port.into())])]))
        .with("volumeMounts", mounts)
        .with("startupProbe", containers::ready(port));
    if let Some(resources) = containers::resources(subject) {
        container = container.with("resources", resources);
    }
    let pod = Node::map([("containers", Node::List(vec![container])), ("volumes", volumes)]);
    let template =
        Node::map([("metadata", Node::map([("labels", containers::labels(name))])), ("spec", pod)]);
    let spec = Node::map([
        ("replicas", subject.offer.replicas.into()),
        ("selector", Node::map([("matchLabels", containers::labels(name))])),
        ("template", template),
    ]);
    Node::map([
        ("apiVersion", "apps/v1".into()),
        ("kind", "Deployment".into()),
        ("metadata", Node::map([("name", name.into())])),
        ("spec", spec),
    ])
}

fn notes(subject: &Subject<'_>) -> Vec<String> {
    let file = arguments::model(&arguments::of(subject, Stack::LlamaServers.program(), "llama-server"));
    let file = file.unwrap_or_default();
    vec![tr!(
        "The model's file must be there on each machine as {file}.",
        file = file.replace("/models", containers::FOLDER)
    )]
}
