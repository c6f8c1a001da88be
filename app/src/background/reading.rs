//! Reads an image with all that belongs to it, as far as it is not in memory already.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageId, ImageRecord, Project};
use atrous_engine::{Error, Result, image_file};
use atrous_widgets::canvas::Pyramid;

use super::shelf::Entry;
use super::{Message, Post};

/// A fresh project knows no sizes yet: the image's header does. One that can't be read is told of
/// when it is wanted.
pub(super) fn sized(project: &Project, image: ImageRecord) -> ImageRecord {
    if image.width > 0 && image.height > 0 {
        return image;
    }
    let path = project.image_path(&image);
    let (width, height) = image_file::dimensions(&path, project.limits()).unwrap_or_default();
    ImageRecord {
        width,
        height,
        ..image
    }
}

/// Reads what of the image is not kept, or not as it is on disk now. Where its file is another one
/// by now, the window hears of it. A panic becomes an error.
pub(super) fn read(
    project: &Project,
    image: &ImageRecord,
    kept: Option<&Entry>,
    post: &Post,
) -> Result<Entry> {
    let work = || {
        if project.notice(image)? {
            post.send(Message::Stale);
        }
        read_rest(project, image, kept)
    };
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let advice = "The log says more.";
        Err(Error::machine("reading the image", "it broke down", advice))
    })
}

fn read_rest(project: &Project, image: &ImageRecord, kept: Option<&Entry>) -> Result<Entry> {
    let stamps = project.stamps(image)?;
    let pixels = kept.filter(|old| old.stamps.image == stamps.image);
    let labels = kept.filter(|old| old.stamps.labels == stamps.labels);
    let prediction = kept.filter(|old| old.stamps.prediction == stamps.prediction);
    let read_maps = || {
        let labels = match labels {
            Some(old) => (old.labels.clone(), old.history.clone()),
            None => project.open_label(image.id)?,
        };
        let prediction = match prediction {
            Some(old) => (old.prediction.clone(), old.confidence.clone()),
            None => predicted(project, image.id, &labels.0)?,
        };
        Ok::<_, Error>((labels, prediction))
    };
    // Not on the pool: the film strip's thumbnails may stand in a long queue there.
    let (pixels, maps) = match pixels {
        Some(old) => (Ok(old.image.clone()), read_maps()),
        None => std::thread::scope(|scope| {
            let maps = scope.spawn(read_maps);
            let pixels = pyramid(project, image);
            let maps = maps.join();
            let maps = maps.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (pixels, maps)
        }),
    };
    let ((labels, history), (prediction, confidence)) = maps?;
    let pixels = pixels?;
    if labels.size() != pixels.size() {
        let path = project.image_path(image);
        let advice = "It is read again once it is whole.";
        return Err(Error::file(
            path,
            "an image",
            "one that is being written",
            advice,
        ));
    }
    Ok(Entry {
        id: image.id,
        stamps,
        image: pixels,
        labels,
        history,
        prediction,
        confidence,
    })
}

fn pyramid(project: &Project, image: &ImageRecord) -> Result<Arc<Pyramid>> {
    let pixels = image_file::decode(&project.image_path(image), project.limits())?;
    let size = [pixels.width(), pixels.height()];
    let pyramid = Pyramid::new(size, pixels.into_raw())
        .map_err(|error| Error::argument("image", "three bytes a pixel", error.to_string()))?;
    Ok(Arc::new(pyramid))
}

type Predicted = (Option<LabelMap>, Option<Arc<Vec<u8>>>);

/// What the model said, if it is of the label map's size: the image may be another one by now.
fn predicted(project: &Project, id: ImageId, labels: &LabelMap) -> Result<Predicted> {
    let [width, height] = labels.size();
    let prediction = project.load_prediction(id)?;
    let prediction = prediction
        .filter(|map| map.size() == labels.size())
        .map(|mut map| {
            map.share_tiles(labels);
            map
        });
    let confidence = project.load_confidence(id)?;
    let pixels = width as usize * height as usize;
    let confidence = confidence.filter(|map| map.len() == pixels).map(Arc::new);
    Ok((prediction, confidence))
}
