//! Fill: a click relabels what lies under it. There is no gesture to be in the middle of. Where it
//! may take longer than a frame, what to do is handed on, to be computed behind the window.

use std::borrow::Cow;

use atrous_engine::Result;
use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{
    Connectivity, Edit, Gesture, LabelMap, Operation, Point, Protection, Scope, fill,
};
use serde::{Deserialize, Serialize};

use super::select::class_at;
use super::{Bench, Cursor, Input, Machine, Outcome, shape};

/// So many pixels are looked at and relabelled within a frame.
const AT_ONCE: u64 = 1 << 19;

/// What a click relabels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relabels {
    /// The pixels of one class that hang together.
    #[default]
    Component,
    /// Every pixel of the class, in the selection where there is one.
    Class,
    /// Every pixel of the selection.
    Selection,
}

/// Waits for clicks.
#[derive(Debug, Default)]
pub struct Fill;

impl Machine for Fill {
    fn handle(&mut self, input: Input, bench: &mut Bench<'_>) -> Outcome {
        let Input::Press {
            at, button, held, ..
        } = input
        else {
            return Outcome::default();
        };
        if held.alt {
            return Outcome::picked(class_at(bench, at));
        }
        let value = shape::value(bench, button);
        relabel(bench, bench.options.relabels, at, value)
    }

    fn hint(&self) -> Cow<'static, str> {
        "Click to give an area the current class, right button erases it, Alt+click takes a class"
            .into()
    }

    fn cursor(&self) -> Cursor {
        Cursor::Cross
    }
}

/// What gets which class: a pure function of a label map, as mask operations are.
#[derive(Debug, Clone, PartialEq)]
pub struct Relabelling {
    target: Target,
    value: u8,
    name: Option<&'static str>,
}

/// What gets another class.
#[derive(Debug, Clone, PartialEq)]
enum Target {
    /// What hangs together with a pixel, which is of this class.
    Component([u32; 2], u8, Connectivity),
    /// Everything in a scope.
    Everything(Scope),
}

impl Relabelling {
    /// What is meant by `what` at a point; none where nothing is.
    fn new(bench: &Bench<'_>, what: Relabels, at: Point, value: u8) -> Option<Self> {
        let class = class_at(bench, at)?;
        let region = bench.selection.map(|selection| selection.region.clone());
        let connectivity = bench.options.connectivity();
        let everything = |class| {
            Target::Everything(Scope {
                class,
                region: region.clone(),
                connectivity,
            })
        };
        let target = match what {
            Relabels::Component => {
                Target::Component(at.map(|value| value as u32), class, connectivity)
            }
            Relabels::Class => everything(Some(class)),
            Relabels::Selection => {
                region.as_ref()?;
                everything(None)
            }
        };
        Some(Self {
            target,
            value,
            name: None,
        })
    }

    /// It under a name for the history.
    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        let name = Some(name);
        Self { name, ..self }
    }

    /// What the history calls it; none where it is named after the tool.
    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// How many pixels it may have to look at.
    fn pixels(&self, labels: &LabelMap) -> u64 {
        let region = match &self.target {
            Target::Component(..) => None,
            Target::Everything(scope) => scope.region.as_ref(),
        };
        region
            .map_or(labels.bounds(), |region| region.bounds())
            .area()
    }

    /// Whether it is about the same class on these labels, which may have changed.
    pub fn means_the_same(&self, labels: &LabelMap) -> bool {
        match &self.target {
            Target::Component([x, y], class, _) => labels.get(*x, *y) == Some(*class),
            Target::Everything(_) => true,
        }
    }

    /// The edit that does it, without making it; none where nothing would change.
    ///
    /// # Errors
    /// [`Error::Cancelled`](atrous_engine::Error::Cancelled) once `cancel` was asked to stop it.
    pub fn edit(
        &self,
        labels: &LabelMap,
        protection: &Protection,
        cancel: &Cancel,
    ) -> Result<Option<Edit>> {
        let ([x, y], connectivity) = match &self.target {
            Target::Component(at, _, connectivity) => (*at, *connectivity),
            Target::Everything(scope) => {
                let relabel = Operation::Relabel { to: self.value };
                return relabel.edit(labels, scope, protection, cancel);
            }
        };
        let spans = fill::component(labels, x, y, connectivity);
        cancel.check()?;
        let mut after = labels.clone();
        let mut gesture = Gesture::start(labels, protection.clone());
        gesture.paint(&mut after, &spans, self.value);
        Ok(gesture.commit(&after))
    }
}

/// Gives what lies under `at` another class, as one edit: at once, or behind the window.
pub fn relabel(bench: &mut Bench<'_>, what: Relabels, at: Point, value: u8) -> Outcome {
    let Some(relabelling) = Relabelling::new(bench, what, at, value) else {
        return Outcome::default();
    };
    if relabelling.pixels(bench.labels) > AT_ONCE {
        return Outcome {
            relabelling: Some(relabelling),
            ..Outcome::default()
        };
    }
    // Nobody can ask it to stop, so that it does not fail.
    let edit = relabelling.edit(bench.labels, bench.protection, &Cancel::default());
    made(bench, edit.ok().flatten())
}

/// Makes an edit and hands it on.
fn made(bench: &mut Bench<'_>, edit: Option<Edit>) -> Outcome {
    let dirty = edit.as_ref().map(|edit| edit.apply(bench.labels));
    Outcome {
        dirty: dirty.unwrap_or_default(),
        edit,
        ..Outcome::default()
    }
}
