//! The zoo against hostile servers and hostile archives. Nothing here leaves this machine.

mod archives;
mod downloads;
pub mod server;
pub mod tarball;

use std::path::Path;
use std::time::Duration;

use atrous_engine::zoo::{Cache, Catalogue, FetchOptions, Zoo};

use server::Server;

/// A zoo of one model, `small`, published by `server` and kept in `folder`.
pub fn zoo_at(server: &Server, folder: &Path) -> Zoo {
    zoo_published_at(&server.address(), folder)
}

/// As [`zoo_at`], with an address of its own.
fn zoo_published_at(base: &str, folder: &Path) -> Zoo {
    let catalogue = format!(
        r#"
        page = "http://127.0.0.1/page"
        base = "{base}"
        licence = "Apache-2.0"

        [[data_set]]
        key = "pascal"
        title = "PASCAL VOC 2012"
        classes = 21
        terms = "none"
        address = "http://127.0.0.1/terms"

        [[model]]
        name = "small"
        data_set = "pascal"
        trained_on = ["nothing"]
        archive = "small.tar.gz"
        megabytes = 0.3
        network = {{ model_variant = "mobilenet_v2", num_classes = 21 }}
        evaluation = [{{ output_stride = 16, scales = [1.0], flip = false, miou = 12.5, split = "val" }}]
        "#
    );
    let mut zoo = Zoo::new(Catalogue::from_toml(&catalogue).unwrap(), Cache::at(folder));
    zoo.options = FetchOptions {
        connect: Duration::from_secs(5),
        stall: Duration::from_millis(400),
        redirects: 3,
        attempts: 3,
        pause: Duration::from_millis(5),
    };
    zoo
}
