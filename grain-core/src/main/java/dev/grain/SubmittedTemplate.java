package dev.grain;

import dev.grain.dispatch.JobTemplate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a program keeps of jobs that are made alike, once for all of them.
 *
 * @param template what the head is told of them
 * @param retryOn says after which failures they run again, if their retries ask; null if they do
 *     not
 */
record SubmittedTemplate(JobTemplate template, @Nullable Predicate<? super Throwable> retryOn) {
  /** Returns the name of the jobs; empty if they have none. */
  String name() {
    return template.name();
  }
}
