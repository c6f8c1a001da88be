//! Killed again and again while everything that changes labels goes on: strokes, polygons, fills,
//! undo, redo, reviews, predictions, deletions, and bringing back what was deleted.
//!
//! `ATROUS_SOAK_KILLS=300 cargo test --release --workspace --test all -- soak` kills three hundred
//! times.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use atrous_engine::jobs::Silent;
use atrous_engine::mask::{
    Connectivity, Edit, Gesture, History, LabelMap, Protection, Span, fill, polygon,
};
use atrous_engine::project::{
    Deletion, ImageId, NewPrediction, Project, Recorded, Recorder, Status, Written,
};

use super::{FOLDER, HEIGHT, Life, Line, Random, SEED, WIDTH};
use super::{check_labels, done, folder_of, pretended, say};
use crate::project::{id, stroke};

/// How often the child is killed, if not told otherwise.
const KILLS: u64 = 12;

const NAMES: [&str; 3] = ["a.png", "b.png", "c.png"];

#[test]
fn mixed_work_survives_kills_at_any_moment() {
    let kills = std::env::var("ATROUS_SOAK_KILLS").ok();
    let kills = kills.map_or(KILLS, |kills| kills.parse().expect("a number of kills"));
    let folder = folder_of(&NAMES);
    let life = Life {
        test: "crash::soak::work_until_killed",
        words: 120,
        moment: Duration::from_millis(20),
    };
    let mut random = Random(9);
    let mut states = [LabelMap::filled(WIDTH, HEIGHT, 255).digest(); NAMES.len()];
    let (mut things, mut restored) = (0, 0);
    for kill in 0..kills {
        let (project, said) = life.live(&folder, kill, &mut random);
        things += done(&said);
        for (name, state) in NAMES.iter().zip(&mut states) {
            let (map, history) = check_labels(&project, name, &said, state);
            check_history(&map, history);
        }
        while let Some(deletion) = project.last_deletion().unwrap() {
            let back = project.restore_labels(deletion, &mut Silent).unwrap();
            assert!(back.failed.is_empty(), "kill {kill}: {back:?}");
            restored += back.images.len();
            for image in back.images {
                let place = NAMES.iter().position(|name| id(&project, name) == image);
                let place = place.unwrap();
                states[place] = project.load_label(image).unwrap().digest();
                let deleted = deleted(&said, NAMES[place]);
                assert!(
                    deleted.is_none_or(|deleted| deleted == states[place]),
                    "kill {kill}, {}: {said:?}",
                    NAMES[place]
                );
            }
        }
        project.count_classes(&mut Silent).unwrap();
    }
    println!("{kills} kills, {things} things done, labels of {restored} images brought back");
    assert!(
        things as u64 > 10 * kills,
        "{things} are too few to show anything"
    );
    let project = folder.open();
    for name in NAMES {
        let image = id(&project, name);
        while project.undo(image).unwrap().is_some() {}
        while project.redo(image).unwrap().is_some() {}
        let (map, _) = project.open_label(image).unwrap();
        let state = states[NAMES.iter().position(|other| *other == name).unwrap()];
        let (_, undone) = project.open_label(image).unwrap().1.depths();
        assert!(undone == 0 && map.size() == [WIDTH, HEIGHT], "{state}");
    }
}

/// Every step of a history can be taken back and made again.
fn check_history(map: &LabelMap, mut history: History) {
    let mut walked = map.clone();
    let depths = history.depths();
    for _ in 0..depths.0 {
        assert!(history.undo(&mut walked).is_some());
    }
    for _ in 0..depths.0 {
        assert!(history.redo(&mut walked).is_some());
    }
    assert_eq!(walked, *map);
}

/// The labels of an image before its last deletion, if the child deleted any.
fn deleted(said: &[Line], image: &str) -> Option<u64> {
    let (mut now, mut deleted) = (None, None);
    for line in said {
        match line {
            Line::About(name, state) if name == image => now = Some(*state),
            Line::Delete(name, state) if name == image => {
                deleted = now;
                now = Some(*state);
            }
            _ => {}
        }
    }
    deleted
}

/// An image that the child works on.
struct Open {
    name: &'static str,
    id: ImageId,
    map: LabelMap,
    history: History,
}

/// The child's desk.
struct Worker {
    project: Arc<Project>,
    recorder: Recorder,
    images: Vec<Open>,
    random: Random,
    /// What was deleted last, and the labels before.
    deletion: Option<(Deletion, Vec<u64>)>,
}

#[test]
#[ignore = "run by mixed_work_survives_kills_at_any_moment in a process of its own"]
fn work_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let project = Arc::new(Project::open(Path::new(&folder), Default::default()).unwrap());
    let ids = NAMES.map(|name| id(&project, name));
    let report = move |recorded: Recorded| {
        recorded.result.unwrap();
        if recorded.what != Written::File {
            let place = ids.iter().position(|id| *id == recorded.image);
            say("done", NAMES[place.unwrap()], 0);
        }
    };
    let recorder = Recorder::start(project.clone(), report).unwrap();
    let mut worker = Worker {
        images: Vec::new(),
        project,
        recorder,
        random: Random(seed),
        deletion: None,
    };
    worker.open_anew();
    loop {
        worker.work(seed);
    }
}

impl Worker {
    /// Reads every image from the project, once all is on disk.
    fn open_anew(&mut self) {
        self.recorder.wait_idle();
        let open = |name: &'static str| {
            let id = id(&self.project, name);
            let (map, history) = self.project.open_label(id).unwrap();
            Open {
                name,
                id,
                map,
                history,
            }
        };
        self.images = NAMES.into_iter().map(open).collect();
    }

    /// Does one thing.
    fn work(&mut self, seed: u64) {
        let place = self.random.below(NAMES.len() as u64) as usize;
        match self.random.below(20) {
            0 | 1 => self.undo(place),
            2 => self.redo(place),
            3 => self.review(place),
            4 => self.predict(place, seed * 1_000 + self.random.0 % 1_000),
            5 if self.random.below(2) == 0 => self.delete(),
            6 => self.restore(),
            7 => self.recorder.flush(self.images[place].id),
            8 => self.recorder.wait_idle(),
            9..12 => self.draw_polygon(place),
            12 | 13 => self.fill(place),
            _ => self.paint(place),
        }
    }

    fn point(&mut self) -> [f32; 2] {
        [
            self.random.below(u64::from(WIDTH)) as f32,
            self.random.below(u64::from(HEIGHT)) as f32,
        ]
    }

    fn undo(&mut self, place: usize) {
        let image = &mut self.images[place];
        if image.history.undo(&mut image.map).is_some() {
            say("about", image.name, image.map.digest());
            self.recorder.undo(image.id);
        }
    }

    fn redo(&mut self, place: usize) {
        let image = &mut self.images[place];
        if image.history.redo(&mut image.map).is_some() {
            say("about", image.name, image.map.digest());
            self.recorder.redo(image.id);
        }
    }

    fn review(&self, place: usize) {
        let image = &self.images[place];
        say("about", image.name, image.map.digest());
        self.recorder.set_status(image.id, Status::Reviewed);
    }

    fn record(&mut self, place: usize, edit: Option<Edit>) {
        let image = &mut self.images[place];
        if let Some(edit) = edit {
            say("about", image.name, image.map.digest());
            let edit = Arc::new(edit);
            image.history.push(edit.clone());
            self.recorder.record(image.id, edit);
        }
    }

    fn paint(&mut self, place: usize) {
        let points = [self.point(), self.point(), self.point()];
        let class = self.random.below(21) as u8;
        let edit = stroke(&mut self.images[place].map, &points, class);
        self.record(place, edit);
    }

    fn draw_polygon(&mut self, place: usize) {
        let ring: Vec<_> = (0..6).map(|_| self.point()).collect();
        let bounds = self.images[place].map.bounds();
        let spans = polygon::fill(&[ring], bounds);
        self.paint_spans(place, &spans);
    }

    fn fill(&mut self, place: usize) {
        let [x, y] = self.point();
        let spans = fill::component(
            &self.images[place].map,
            x as u32,
            y as u32,
            Connectivity::Sides,
        );
        self.paint_spans(place, &spans);
    }

    fn paint_spans(&mut self, place: usize, spans: &[Span]) {
        let class = self.random.below(21) as u8;
        let map = &mut self.images[place].map;
        let mut gesture = Gesture::start(map, Protection::NONE);
        gesture.paint(map, spans, class);
        let edit = gesture.commit(map);
        self.record(place, edit);
    }

    /// The model says something; it is in force where nobody touched the labels.
    fn predict(&mut self, place: usize, generation: u64) {
        self.recorder.wait_idle();
        let image = &self.images[place];
        let labels = pretended(image.id, generation);
        let status = self.project.image(image.id).unwrap().status;
        let follows = !status.is_touched();
        let state = if follows { &labels } else { &image.map };
        say("about", image.name, state.digest());
        let pixels = labels.to_vec();
        let prediction = NewPrediction {
            width: WIDTH,
            height: HEIGHT,
            labels: &pixels,
            confidence: &pixels,
            uncertainty: 0.5,
        };
        let followed = self.project.store_prediction(image.id, &prediction);
        assert_eq!(followed.unwrap(), follows);
        say("done", image.name, 0);
        self.open_anew();
    }

    /// Deletes the labels of one, two or all images, unless some are deleted already.
    fn delete(&mut self) {
        if self.deletion.is_some() {
            return;
        }
        self.recorder.wait_idle();
        let count = 1 + self.random.below(NAMES.len() as u64) as usize;
        let images = &self.images[..count];
        let void = LabelMap::filled(WIDTH, HEIGHT, 255).digest();
        for image in images {
            say("delete", image.name, void);
        }
        let before = images.iter().map(|image| image.map.digest()).collect();
        let ids: Vec<ImageId> = images.iter().map(|image| image.id).collect();
        let deletion = self.project.delete_labels(&ids, &mut Silent).unwrap();
        assert!(deletion.failed.is_empty(), "{deletion:?}");
        for image in images {
            say("done", image.name, 0);
        }
        self.deletion = Some((deletion, before));
        self.open_anew();
    }

    /// Brings back what was deleted last.
    fn restore(&mut self) {
        let Some((deletion, before)) = self.deletion.take() else {
            return;
        };
        self.recorder.wait_idle();
        let places = |id: &ImageId| self.images.iter().position(|image| image.id == *id);
        let places: Vec<usize> = deletion.images.iter().filter_map(places).collect();
        for place in &places {
            say("about", NAMES[*place], before[*place]);
        }
        let restored = self.project.restore_labels(deletion.id, &mut Silent);
        assert!(restored.unwrap().failed.is_empty());
        for place in &places {
            say("done", NAMES[*place], 0);
        }
        self.open_anew();
    }
}
