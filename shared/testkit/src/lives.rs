//! Random lives: whatever may be done, in any order, beside a model of what ought to come of it.

use proptest::sample::Index;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};

/// Lives through so many lives that are drawn by chance. One that panics is shortened to the least that does.
///
/// `PROPTEST_CASES` lives through another number of them.
pub fn lives<S: Strategy>(many: u32, drawn: &S, live: impl AsyncFn(S::Value)) {
    let wanted = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { wanted.cases } else { many };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 120, ..wanted };
    let lived = TestRunner::new(config).run(drawn, |life| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime of one thread").block_on(live(life));
        Ok(())
    });
    if let Err(failure) = lived {
        panic!("{failure}");
    }
}

/// What an index chooses among so many; nothing among none.
pub fn chosen(index: Index, many: usize) -> Option<usize> {
    (many > 0).then(|| index.index(many))
}
