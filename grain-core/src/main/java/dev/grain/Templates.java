package dev.grain;

import dev.grain.head.JobTemplate;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The templates of jobs that were submitted lately, so that jobs that are made alike share one.
 * Safe for all threads.
 *
 * <p>Implementation note: each has one place, by its hash, and the last one has it. Two threads may
 * both keep their own for a while, which costs no more than a little memory.
 */
final class Templates {
  private static final int KEPT = 1024;

  // set by any thread
  private final AtomicReferenceArray<@Nullable JobTemplate> recent =
      new AtomicReferenceArray<>(KEPT);

  /** Returns the template, or an equal one that was there before. */
  JobTemplate shared(JobTemplate template) {
    int hash = template.hashCode();
    int place = (hash ^ (hash >>> 16)) & (KEPT - 1);
    JobTemplate known = recent.getAcquire(place);
    if (template.equals(known)) {
      return known;
    }
    recent.setRelease(place, template);
    return template;
  }
}
