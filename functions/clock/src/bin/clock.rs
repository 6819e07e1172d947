//! Once a minute, what is due goes to the queue of its context.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(clock::boot).await
}
