//! The film strip and its queue, brought up to date by what changed: as if all were looked at anew.

use std::path::PathBuf;
use std::sync::Arc;

use atrous::state::{Images, OpenProject, Order, Queue, Selection, Strip, Thumbnails};
use atrous_engine::jobs::Silent;
use atrous_engine::project::{ImageId, ImageRecord, OpenOptions, Project, Revision, Status};
use atrous_palettes::Palette;
use proptest::prelude::*;
use tempfile::TempDir;

/// As many images as in a property's project.
const IMAGES: usize = 12;

fn open(folder: &TempDir, query: &str, order: Order) -> OpenProject {
    let project = Project::open(folder.path(), OpenOptions::default()).unwrap();
    project.scan(&mut Silent).unwrap();
    let palette = Arc::new(Palette::cityscapes());
    let mut strip = Strip::default();
    strip.ask(query.to_owned(), &palette);
    let mut open = OpenProject {
        images: Images::new(project.images().unwrap()),
        project: Arc::new(project),
        folder: PathBuf::new(),
        palette,
        revision: Revision::default(),
        strip,
        queue: Queue::default(),
        current: None,
        wish: 0,
        granted: 0,
        selection: Selection::default(),
        thumbnails: Thumbnails::default(),
        deletion: None,
        exclusions: Vec::new(),
    };
    open.arrange(order);
    open
}

/// What happens to an image.
#[derive(Debug, Clone)]
enum Step {
    Change(usize, Status, Option<u8>, bool),
    GoTo(usize),
    Settle,
    Arrange,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let status = prop::sample::select(Status::ALL.to_vec());
    let change = (
        0..IMAGES,
        status,
        prop::option::of(0..4_u8),
        prop::bool::weighted(0.2),
    );
    let step = prop_oneof![
        4 => change.prop_map(|(at, status, unsure, broken)| Step::Change(at, status, unsure, broken)),
        2 => (0..IMAGES).prop_map(Step::GoTo),
        2 => Just(Step::Settle),
        1 => Just(Step::Arrange),
    ];
    prop::collection::vec(step, 1..40)
}

/// The images of the film strip that wait for a review, the most uncertain first.
fn line(open: &OpenProject) -> Vec<ImageId> {
    let shown = (0..open.strip.len()).map(|place| open.at(place).unwrap());
    let mut waiting: Vec<&ImageRecord> = shown
        .filter(|image| image.error.is_none() && image.status != Status::Reviewed)
        .collect();
    waiting.sort_by(|a, b| turn(open, a).partial_cmp(&turn(open, b)).unwrap());
    waiting.iter().map(|image| image.id).collect()
}

fn turn(open: &OpenProject, image: &ImageRecord) -> (f32, Option<usize>) {
    let certainty = -image.uncertainty.unwrap_or(0.0);
    (certainty, open.images.position(image.id))
}

/// The next one in line after the current image, and the one before it.
fn expected(open: &OpenProject) -> [Option<ImageId>; 2] {
    let line = line(open);
    let current = open.current.and_then(|id| open.image(id));
    let others = line.iter().filter(|id| Some(**id) != open.current);
    match current.filter(|image| image.error.is_none()) {
        Some(own) => {
            let own = turn(open, own);
            let of = |id: &ImageId| turn(open, open.image(*id).unwrap());
            let after = others.clone().find(|id| of(id) > own).copied();
            [after, others.rev().find(|id| of(id) < own).copied()]
        }
        None => [others.clone().next().copied(); 2],
    }
}

fn shown(open: &OpenProject) -> Vec<usize> {
    open.strip.positions().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn settling_is_arranging_and_the_queue_is_in_order(
        steps in steps(),
        query in prop::sample::select(vec!["", "-status:reviewed", "unc>0.4", "name:*1*"]),
        order in prop::sample::select(vec![Order::Name, Order::Uncertainty, Order::Changed]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..IMAGES {
            let image = image::GrayImage::new(2, 2);
            image.save(folder.path().join(format!("{number}.bmp"))).unwrap();
        }
        let mut open = open(&folder, query, order);
        for step in steps {
            let id = |open: &OpenProject, at: usize| open.images[at].id;
            match step {
                Step::Change(at, status, unsure, broken) => {
                    let id = id(&open, at);
                    open.change(id, |image| {
                        image.status = status;
                        image.uncertainty = unsure.map(|unsure| f32::from(unsure) / 4.0);
                        image.error = broken.then(|| "broken".to_owned());
                        image.changed = unsure.map(i64::from);
                    });
                }
                Step::GoTo(at) => open.current = Some(id(&open, at)),
                Step::Settle => {
                    open.settle(order);
                    let settled = shown(&open);
                    open.strip.arrange(&open.images, order, open.current.filter(|_| open.place().is_some()));
                    prop_assert_eq!(settled, shown(&open));
                }
                Step::Arrange => open.arrange(order),
            }
            let next = [open.next_uncertain(1), open.next_uncertain(-1)];
            prop_assert_eq!(next, expected(&open));
            let others = line(&open).into_iter().find(|id| Some(*id) != open.current);
            prop_assert_eq!(open.next_to_review(), next[0].or(others));
        }
    }
}
