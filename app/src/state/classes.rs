//! The classes as the window sees them: which is current, hidden, locked.

use atrous_engine::mask::{ClassSet, Protection};
use atrous_palettes::{Palette, VOID};

use super::{Counts, Settings, Slots};

/// So many classes are remembered as recent.
const RECENT: usize = 5;

/// What is hidden at first: void alone, so that what nobody labelled shows the image itself.
const SHOWN: ClassSet = {
    let mut hidden = [false; 256];
    hidden[VOID as usize] = true;
    hidden
};

/// How opaque a class called so is at first: most of an image is background, and has to be seen.
const BACKGROUND: &str = "background";
const BACKGROUND_OPACITY: f32 = 0.4;

/// What the person chose in the class list.
#[derive(Debug, Clone)]
pub struct Classes {
    /// The class that tools paint.
    pub current: u8,
    /// The class that was current before.
    pub previous: u8,
    /// Classes that the canvas does not show.
    pub hidden: ClassSet,
    /// How opaque each class is, from 0 to 1; the opacity of all is multiplied with it.
    pub opacity: [f32; 256],
    /// Classes that no tool changes.
    pub locked: ClassSet,
    /// Where set, tools change pixels of these classes only.
    pub only_over: Option<ClassSet>,
    /// Pixels of each class in the open image.
    pub counts: Counts,
    /// The classes that were current last, the last one first.
    pub recent: Vec<u8>,
    /// The keys of classes.
    pub slots: Slots,
}

impl Default for Classes {
    fn default() -> Self {
        Self {
            current: 0,
            previous: 1,
            hidden: SHOWN,
            opacity: [1.0; 256],
            locked: [false; 256],
            only_over: None,
            counts: Counts::default(),
            recent: Vec::new(),
            slots: Slots::in_order(0),
        }
    }
}

impl Classes {
    /// The classes of a project that has just been opened.
    pub fn of(palette: &Palette, settings: &Settings) -> Self {
        let kept = settings.class_keys.get(&palette.name);
        let mut classes = Self {
            slots: Slots::restored(palette, kept),
            ..Self::default()
        };
        for (opacity, class) in classes.opacity.iter_mut().zip(&palette.classes) {
            if class.name == BACKGROUND {
                *opacity = BACKGROUND_OPACITY;
            }
        }
        classes
    }

    /// Makes `class` current and remembers the one before.
    pub fn take(&mut self, class: u8) {
        self.recent.retain(|other| *other != class);
        self.recent.insert(0, class);
        self.recent.truncate(RECENT);
        if class != self.current {
            self.previous = std::mem::replace(&mut self.current, class);
        }
    }

    /// Shows or hides a class.
    pub fn toggle_hidden(&mut self, class: u8) {
        self.hidden[usize::from(class)] ^= true;
    }

    /// Shows only `class`, or all classes if only it is shown.
    pub fn solo(&mut self, class: u8) {
        let alone = |hidden: &ClassSet| {
            (0..=u8::MAX).all(|other| hidden[usize::from(other)] == (other != class))
        };
        self.hidden = if alone(&self.hidden) {
            SHOWN
        } else {
            std::array::from_fn(|other| other != usize::from(class))
        };
    }

    /// Lets tools change a class, or no longer. Where every class of the palette, of so many
    /// classes, can be changed, nothing is limited any more.
    pub fn toggle_only_over(&mut self, class: u8, classes: usize) {
        let mut over = self.only_over.unwrap_or([true; 256]);
        over[usize::from(class)] ^= true;
        let void = over[usize::from(VOID)];
        let all = void
            && over[..classes.min(usize::from(VOID))]
                .iter()
                .all(|over| *over);
        self.only_over = (!all).then_some(over);
    }

    /// Has tools change only this class, or everything again.
    pub fn toggle_alone_over(&mut self, class: u8) {
        let alone = std::array::from_fn(|other| other == usize::from(class));
        self.only_over = (self.only_over != Some(alone)).then_some(alone);
    }

    /// Locks or unlocks a class.
    pub fn toggle_locked(&mut self, class: u8) {
        self.locked[usize::from(class)] ^= true;
    }

    /// Locks every class but the current one, or unlocks all if any other is locked.
    ///
    /// Void stays open: a fresh image is void all over.
    pub fn toggle_others_locked(&mut self) {
        let current = usize::from(self.current);
        let void = usize::from(VOID);
        let any = (0..256).any(|class| class != current && self.locked[class]);
        self.locked = std::array::from_fn(|class| !any && class != current && class != void);
    }

    /// What tools must leave alone.
    pub fn protection(&self) -> Protection {
        Protection {
            locked: self.locked,
            only_over: self.only_over,
        }
    }

    /// The part of the open image that a class covers, from 0 to 1.
    pub fn share(&self, class: u8) -> Option<f32> {
        self.counts.share(class)
    }
}
