package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.code.Code;
import dev.grain.head.JobTemplate;
import dev.grain.job.Request;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BiFunction;
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

  /** What the last template was made of, for those who make the next one of the same. */
  private record Made(Request request, Bytes function, Bytes bundle, JobTemplate template) {
    boolean isOf(Request from, Code.EncodedCall call) {
      return request == from && function == call.function() && bundle == call.bundle();
    }
  }

  // set by any thread
  private @Nullable Made last;
  private final AtomicReferenceArray<@Nullable JobTemplate> recent =
      new AtomicReferenceArray<>(KEPT);

  /**
   * Returns the template of a job.
   *
   * @param make makes it, if it is not that of the job before
   */
  JobTemplate of(
      Request request,
      Code.EncodedCall call,
      BiFunction<Request, Code.EncodedCall, JobTemplate> make) {
    Made made = last;
    if (made == null || !made.isOf(request, call)) {
      JobTemplate template = shared(make.apply(request, call));
      made = new Made(request, call.function(), call.bundle(), template);
      last = made;
    }
    return made.template;
  }

  /** Returns the template, or an equal one that was there before. */
  private JobTemplate shared(JobTemplate template) {
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
