//! The published models as the window sees them.

use std::collections::HashMap;

use atrous_engine::zoo::{Entry, Presence, Zoo};

/// What the Models panel shows and what of it is here.
#[derive(Debug, Clone, Default)]
pub struct ZooState {
    /// The catalogue and the cache; none where the person has no home folder.
    pub zoo: Option<Zoo>,
    /// What is on this machine, by name; empty until somebody looked.
    pub presence: HashMap<String, Presence>,
    /// The model that is being downloaded.
    pub coming: Option<String>,
    /// The model whose download failed last, and why.
    pub failed: Option<(String, String)>,
    /// What the panel showed when it was last open.
    pub form: ModelsForm,
}

/// The Models panel as it is filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelsForm {
    /// Words that the name, backbone or data set must have.
    pub text: String,
    /// The key of the only data set to show.
    pub data_set: Option<String>,
    /// The only family of backbones to show.
    pub family: Option<String>,
    /// The model whose details are shown.
    pub selected: Option<String>,
}

impl ZooState {
    /// The models that the form lets through, in the catalogue's order.
    pub fn shown(&self, form: &ModelsForm) -> Vec<&Entry> {
        let Some(zoo) = &self.zoo else {
            return Vec::new();
        };
        let lets_through = |entry: &&Entry| {
            let data_set = zoo.catalogue.data_set(entry);
            let title = data_set.map_or("", |data_set| data_set.title.as_str());
            let all = format!("{} {} {title}", entry.name, entry.backbone()).to_lowercase();
            let words = form.text.to_lowercase();
            form.data_set
                .as_ref()
                .is_none_or(|key| *key == entry.data_set)
                && form
                    .family
                    .as_ref()
                    .is_none_or(|only| *only == family(entry))
                && words.split_whitespace().all(|word| all.contains(word))
        };
        zoo.catalogue.models.iter().filter(lets_through).collect()
    }

    /// The families of backbones, each once.
    pub fn families(&self) -> Vec<String> {
        let mut families: Vec<String> = Vec::new();
        for entry in self.zoo.iter().flat_map(|zoo| &zoo.catalogue.models) {
            let family = family(entry);
            if !families.contains(&family) {
                families.push(family);
            }
        }
        families
    }

    /// The model of that name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.zoo.as_ref()?.catalogue.find(name)
    }

    /// What is here of a model.
    pub fn presence_of(&self, name: &str) -> Presence {
        self.presence.get(name).copied().unwrap_or(Presence::Absent)
    }
}

/// "MobileNetV2", "Xception": the backbone without its size.
fn family(entry: &Entry) -> String {
    let backbone = entry.backbone();
    let family = backbone.split(' ').next().unwrap_or(&backbone);
    match family {
        "MobileNet" => "MobileNet EdgeTPU".to_owned(),
        other => other.to_owned(),
    }
}
