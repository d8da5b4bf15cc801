//! Why a job cannot begin or end as asked.

use std::path::PathBuf;

use crate::media::text;
use crate::store::StoreError;
use crate::store::jobs::JobType;

#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("{} is being worked on by another {}", text::path(.root), .job_type.name())]
    RootBusy {
        root: PathBuf,
        job_type: JobType,
        /// The job that works on it.
        job: String,
        pid: Option<u32>,
        since_ns: i64,
    },
    #[error("the job could not be recorded")]
    Store(#[from] StoreError),
}
