package dev.grain.job;

import dev.grain.JobOptions;
import dev.grain.resource.Resource;

/**
 * What a job says when it is submitted: a {@link Resource}, or {@link JobOptions} that hold one and
 * more.
 */
public sealed interface Request permits Resource, JobOptions {}
