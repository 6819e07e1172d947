//! From the stream of the table to search rows and queues.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    platform::run(projector::boot).await
}
