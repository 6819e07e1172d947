//! Random lives: whatever may be done, in any order, beside a model of what ought to come of it.

use proptest::sample::Index;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Lives through so many lives that are drawn by chance. One that panics is shortened to the least that does.
///
/// They are the same ones each time, since no gate is left to chance. `PROPTEST_CASES` lives through as many others.
pub fn lives<S: Strategy>(many: u32, drawn: &S, live: impl AsyncFn(S::Value)) {
    let config = Config { failure_persistence: None, max_shrink_iters: 120, ..Config::default() };
    let mut runner = if std::env::var_os("PROPTEST_CASES").is_some() {
        TestRunner::new(config)
    } else {
        let same = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        TestRunner::new_with_rng(Config { cases: many, ..config }, same)
    };
    let lived = runner.run(drawn, |life| {
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
