//! Walking over the rows of a list, in its order, within a budget.

use wire::Fault;

use super::cursor::Mark;
use super::found::Found;
use super::merge::Merge;
use crate::row::from_item;
use crate::{Item, Row};

/// Where rows come from.
#[derive(Debug)]
pub(super) enum Source<'t> {
    Merge(Merge<'t>),
    Found(Found<'t>),
}

impl Source<'_> {
    async fn next(&mut self) -> Result<Option<Item>, Fault> {
        match self {
            Self::Merge(merge) => merge.next().await,
            Self::Found(found) => found.next().await,
        }
    }

    async fn heads(&mut self) -> Result<Mark, Fault> {
        match self {
            Self::Merge(merge) => merge.heads().await,
            Self::Found(found) => found.heads().await,
        }
    }

    fn mark(&self) -> Mark {
        match self {
            Self::Merge(merge) => merge.mark(),
            Self::Found(found) => found.mark(),
        }
    }
}

/// How far to walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stride {
    /// How many matches to pass over.
    pub(super) skip: usize,
    /// How many matches to take.
    pub(super) take: usize,
    /// Goes on behind them, to count all matches.
    pub(super) count: bool,
    /// How many rows to look at.
    pub(super) budget: usize,
}

/// What a walk found.
#[derive(Debug)]
pub(super) struct Walked<R> {
    pub(super) rows: Vec<R>,
    /// Where it began: from here another walk can go the other way.
    pub(super) start: Mark,
    /// Where to go on, unless nothing more matches.
    pub(super) onward: Option<Mark>,
    /// How many matches it saw.
    pub(super) matches: usize,
    /// Whether it saw everything there is.
    pub(super) complete: bool,
}

/// Walks until a page is full and one more match is seen, or all are counted, or the budget is spent.
pub(super) async fn walk<R: Row>(
    source: &mut Source<'_>,
    keeps: impl Fn(&R) -> bool,
    stride: Stride,
) -> Result<Walked<R>, Fault> {
    let Stride { skip, take, count, budget } = stride;
    let start = source.heads().await?;
    let mut walked = Walked { rows: Vec::new(), start, onward: None, matches: 0, complete: false };
    let mut filled = None;
    let mut examined = 0;
    let ended = loop {
        if examined == budget {
            break source.heads().await?.0.iter().all(Option::is_none);
        }
        let Some(item) = source.next().await? else { break true };
        examined += 1;
        let row: R = from_item(item)?;
        if !keeps(&row) {
            continue;
        }
        walked.matches += 1;
        if walked.matches <= skip {
            continue;
        }
        if walked.rows.len() < take {
            walked.rows.push(row);
            if walked.rows.len() == take {
                filled = Some(source.mark());
            }
        } else if !count {
            break false;
        }
    };
    walked.complete = ended;
    walked.onward = if walked.matches > skip + take {
        filled
    } else {
        // What the budget left unseen lies behind the last row looked at.
        (!ended).then(|| source.mark())
    };
    Ok(walked)
}
