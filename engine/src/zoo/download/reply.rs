//! What a server's answer means for the bytes that are here (RFC 9110).

use super::partial::Resume;
use super::too_large;

/// The head of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// The status code.
    pub(super) status: u16,
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// `Content-Range`.
    pub(super) range: Option<String>,
    /// `ETag`.
    pub(super) etag: Option<String>,
    /// `Last-Modified`.
    pub(super) modified: Option<String>,
}

/// What to do with the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// The whole file comes: what is here goes.
    Start {
        /// How the same file can be told later.
        validator: Option<String>,
        /// Its size, where the server says it.
        total: Option<u64>,
    },
    /// The rest comes.
    Continue {
        /// The whole file's size.
        total: u64,
    },
    /// It is all here already.
    Complete,
    /// What is here is of no use; ask again without it.
    Anew(String),
    /// Not now.
    Later(String),
    /// Not from this address.
    Never(String),
}

/// What `head` means, where `resume` was asked for and the file may have `limit` bytes.
pub(super) fn decide(head: &Head, resume: Option<&Resume>, limit: u64) -> Decision {
    match (head.status, resume) {
        (200, _) => match head.length {
            Some(total) if total > limit => Decision::Never(too_large(Some(total), limit)),
            total => Decision::Start {
                validator: head.validator(),
                total,
            },
        },
        (206, Some(resume)) => rest(head, resume, limit),
        (416, Some(resume)) => {
            if head.unsatisfied_total() == Some(resume.offset)
                && resume.total.is_none_or(|total| total == resume.offset)
            {
                return Decision::Complete;
            }
            Decision::Anew(match resume.total {
                Some(total) => format!("the server announced {total} bytes and has not as many"),
                None => "the server does not have the rest".to_owned(),
            })
        }
        (408 | 425 | 429 | 500..=599, _) => Decision::Later(status(head.status)),
        _ => Decision::Never(status(head.status)),
    }
}

/// A part of the file: whether it is the one that is missing.
fn rest(head: &Head, resume: &Resume, limit: u64) -> Decision {
    let Some((start, total)) = head.range.as_deref().and_then(content_range) else {
        return Decision::Anew("the server sent a part and did not say which".to_owned());
    };
    if start != resume.offset || resume.total.is_some_and(|before| before != total) {
        return Decision::Anew("the server's file is no longer the same".to_owned());
    }
    if total > limit {
        return Decision::Never(too_large(Some(total), limit));
    }
    Decision::Continue { total }
}

impl Head {
    /// What tells the same file later: a strong ETag, else the time of the last change.
    fn validator(&self) -> Option<String> {
        let strong = self.etag.clone().filter(|etag| etag.starts_with('"'));
        strong.or_else(|| self.modified.clone())
    }

    /// The size in the `bytes */1000` of a range that can't be had.
    fn unsatisfied_total(&self) -> Option<u64> {
        self.range
            .as_deref()?
            .strip_prefix("bytes */")?
            .parse()
            .ok()
    }
}

/// Start and total of `bytes 500-999/1000`, where the part reaches to the end.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, last) = range.split_once('-')?;
    let [start, last, total]: [u64; 3] =
        [start.parse().ok()?, last.parse().ok()?, total.parse().ok()?];
    (start <= last && last.checked_add(1) == Some(total)).then_some((start, total))
}

/// A status in words.
fn status(code: u16) -> String {
    match code {
        404 | 410 => format!("the file is not there (HTTP {code})"),
        401 | 403 | 407 => format!("the server does not give it out (HTTP {code})"),
        500..=599 => format!("the server has a fault (HTTP {code})"),
        _ => format!("the server answered HTTP {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 5000;

    fn resume() -> Resume {
        Resume {
            offset: 400,
            validator: "\"v1\"".to_owned(),
            total: Some(1000),
        }
    }

    fn head(status: u16, range: Option<&str>) -> Head {
        Head {
            status,
            range: range.map(str::to_owned),
            ..Head::default()
        }
    }

    #[test]
    fn the_right_rest_is_gone_on_with_and_another_is_not() {
        let decide = |range| decide(&head(206, range), Some(&resume()), LIMIT);
        assert_eq!(
            decide(Some("bytes 400-999/1000")),
            Decision::Continue { total: 1000 }
        );
        for range in [
            None,
            Some("bytes 0-999/1000"),
            Some("bytes 400-999/1001"),
            Some("bytes 400-1099/1100"),
            Some("bytes 400-998/1000"),
            Some("bytes 400-999/*"),
            Some("bytes 999-400/1000"),
            Some("bytes 400-18446744073709551615/1"),
            Some("parrots 1-2/3"),
        ] {
            assert!(matches!(decide(range), Decision::Anew(_)), "{range:?}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_the_end_only_where_the_sizes_agree() {
        let here = Resume {
            offset: 1000,
            ..resume()
        };
        let decide = |range, resume: &Resume| decide(&head(416, range), Some(resume), LIMIT);
        assert_eq!(decide(Some("bytes */1000"), &here), Decision::Complete);
        assert!(matches!(
            decide(Some("bytes */900"), &here),
            Decision::Anew(_)
        ));
        assert!(matches!(
            decide(Some("bytes */400"), &resume()),
            Decision::Anew(_)
        ));
        assert!(matches!(decide(None, &here), Decision::Anew(_)));
    }

    #[test]
    fn a_whole_file_starts_anew_with_what_tells_it_again() {
        let mut head = Head {
            length: Some(1000),
            etag: Some("W/\"weak\"".to_owned()),
            modified: Some("Mon, 01 Oct 2018 00:00:00 GMT".to_owned()),
            ..head(200, None)
        };
        let validator = |head: &Head| match decide(head, Some(&resume()), LIMIT) {
            Decision::Start {
                validator,
                total: Some(1000),
            } => validator.unwrap(),
            other => panic!("{other:?}"),
        };
        assert!(validator(&head).starts_with("Mon"));
        head.etag = Some("\"strong\"".to_owned());
        assert_eq!(validator(&head), "\"strong\"");
        head.length = Some(LIMIT + 1);
        assert!(matches!(decide(&head, None, LIMIT), Decision::Never(_)));
    }

    #[test]
    fn faults_are_told_from_refusals() {
        for status in [408, 429, 500, 503] {
            let decision = decide(&head(status, None), None, LIMIT);
            assert!(matches!(decision, Decision::Later(_)), "{status}");
        }
        for status in [206, 304, 400, 403, 404, 410, 416] {
            let decision = decide(&head(status, None), None, LIMIT);
            assert!(matches!(decision, Decision::Never(_)), "{status}");
        }
    }
}
