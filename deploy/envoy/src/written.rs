//! The whole: a bootstrap, and the files beside it.

use crate::{
    Error, Inputs, Options, cluster, health, listener,
    plan::Plan,
    tls::{self, Files},
    v3::{
        Resource,
        bootstrap::{Admin, Bootstrap, DynamicResources, StaticResources},
        core::{Address, ConfigSource, Node},
    },
};
use serde::Serialize;

const LISTENERS: &str = "listeners";
const CLUSTERS: &str = "clusters";

/// How files are called that stand beside the configuration: `<folder>/<stem>.<what>.yaml`.
#[derive(Clone, Debug)]
pub struct Names {
    /// The folder, as Envoy sees it.
    pub folder: String,
    /// The name of the configuration's file, without its end.
    pub stem: String,
}

/// What is to be written: each serialises as one document.
#[derive(Debug)]
pub struct Written {
    /// The bootstrap.
    pub bootstrap: Document,
    /// Files beside it by name, which have to be there first.
    pub beside: Vec<(String, Document)>,
}

/// A document of Envoy's.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Document(Content);

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Bootstrap(Box<Bootstrap>),
    Resources(Resources),
}

#[derive(Debug, Serialize)]
struct Resources {
    resources: Vec<Resource>,
}

impl Names {
    fn name(&self, what: &str) -> String {
        format!("{}.{what}.yaml", self.stem)
    }

    /// The path by which Envoy finds the file.
    pub(crate) fn seen(&self, what: &str) -> String {
        format!("{}/{}", self.folder.trim_end_matches('/'), self.name(what))
    }
}

/// Makes the configuration. `names` says where files can stand beside it; without them, certificates are read once.
///
/// # Errors
/// Settings and options do not go together; it says what to change.
pub fn write(inputs: &Inputs, options: &Options, names: Option<Names>) -> Result<Written, Error> {
    let names = names.map(|names| match &options.files_dir {
        Some(folder) => Names { folder: folder.clone(), ..names },
        None => names,
    });
    let plan = Plan::new(inputs, options, Files(names.clone()))?;
    let (listeners, clusters) = (listener::all(&plan), cluster::all(&plan));
    let mut bootstrap = Bootstrap {
        node: Node { id: "perpetuo-envoy", cluster: "perpetuo" },
        admin: plan.admin.map(|at| Admin { address: Address::of(&at.ip().to_string(), at.port()) }),
        overload_manager: Some(health::overload(&plan)),
        static_resources: None,
        dynamic_resources: None,
    };
    let Some(names) = names else {
        bootstrap.static_resources = Some(StaticResources { listeners, clusters });
        return Ok(Written { bootstrap: Document(Content::Bootstrap(Box::new(bootstrap))), beside: vec![] });
    };
    let beside = |what: &str, resources| (names.name(what), Document(Content::Resources(Resources { resources })));
    let mut files: Vec<_> = tls::secrets(&plan).into_iter().map(|(name, secret)| beside(name, vec![secret])).collect();
    if options.reload == Some(true) {
        let source = |what| ConfigSource::file(names.seen(what));
        bootstrap.dynamic_resources =
            Some(DynamicResources { lds_config: source(LISTENERS), cds_config: source(CLUSTERS) });
        // Clusters first: a listener that names one that is not there yet would answer 503.
        files
            .push(beside(CLUSTERS, clusters.into_iter().map(|cluster| Resource::Cluster(Box::new(cluster))).collect()));
        files.push(beside(
            LISTENERS,
            listeners.into_iter().map(|listener| Resource::Listener(Box::new(listener))).collect(),
        ));
    } else {
        bootstrap.static_resources = Some(StaticResources { listeners, clusters });
    }
    Ok(Written { bootstrap: Document(Content::Bootstrap(Box::new(bootstrap))), beside: files })
}
