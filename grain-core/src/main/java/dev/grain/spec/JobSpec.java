package dev.grain.spec;

import dev.grain.Resource;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A job as data. Immutable.
 *
 * <pre>{@code
 * JobSpec.of(WorkSpec.command("./simulate", "--seed", "42")).withResources(cpu(2)).withName("sim")
 * }</pre>
 *
 * @param id what the job is known by: 1 to 100 ASCII letters, digits, {@code .}, {@code _} and
 *     {@code -}, of which the first is a letter or digit; not beginning with a date, as in {@code
 *     26-11-28-}, as heads make such ids. Null if the head makes one
 * @param name what people call the job; empty, or up to 200 characters without control characters
 *     and without blanks at either end
 * @param work what it does
 * @param resources what it requests; null for nothing. Who runs the job adds its defaults for cores
 *     and memory if they are not among it
 * @param setting where and with what it runs
 * @param env the environment variables of a command, or of the container of a function
 * @param retries how often it is retried
 * @param timeLimit how long each attempt may take; null for any time
 * @param priority relative to other jobs; finite and more than zero, usually 100
 * @param labels what jobs are found by: up to 64. A key has 1 to 63 ASCII letters, digits, {@code
 *     .}, {@code _}, {@code /} and {@code -}, of which the first and the last are letters or
 *     digits; a value has up to 200 characters, none of them control characters
 * @param hold whether it waits until somebody resumes it
 */
public record JobSpec(
    @Nullable String id,
    String name,
    WorkSpec work,
    @Nullable Resource resources,
    SettingSpec setting,
    Map<String, String> env,
    RetrySpec retries,
    @Nullable Duration timeLimit,
    double priority,
    Map<String, String> labels,
    boolean hold) {
  /** The priority of jobs that are given none. */
  public static final double USUAL_PRIORITY = 100;

  /**
   * Checks what no other part of Grain checks.
   *
   * @throws IllegalArgumentException if the id, the name, a label, the time limit or the priority
   *     is not allowed; the message is a sentence
   */
  public JobSpec {
    Objects.requireNonNull(work, "work is null");
    if (id != null) {
      Labels.ensureId(id);
    }
    Labels.ensureName(name);
    env = Copies.of(env);
    labels = Copies.of(labels);
    Labels.ensureLabels(labels);
    if (timeLimit != null && !timeLimit.isPositive()) {
      throw new IllegalArgumentException("The time limit is not more than zero.");
    }
    if (!(priority > 0) || Double.isInfinite(priority)) {
      throw new IllegalArgumentException(
          "The priority %s is not a finite number above 0.".formatted(priority));
    }
  }

  /** Returns the spec of a job that has this work, and defaults for everything else. */
  public static JobSpec of(WorkSpec work) {
    return new JobSpec(
        null,
        "",
        work,
        null,
        SettingSpec.NONE,
        Map.of(),
        RetrySpec.NONE,
        null,
        USUAL_PRIORITY,
        Map.of(),
        false);
  }

  /** Returns the same with another id. */
  public JobSpec withId(@Nullable String changed) {
    return new JobSpec(
        changed, name, work, resources, setting, env, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with another name. */
  public JobSpec withName(String changed) {
    return new JobSpec(
        id, changed, work, resources, setting, env, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with other work. */
  public JobSpec withWork(WorkSpec changed) {
    return new JobSpec(
        id, name, changed, resources, setting, env, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with another request. */
  public JobSpec withResources(@Nullable Resource changed) {
    return new JobSpec(
        id, name, work, changed, setting, env, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with another setting. */
  public JobSpec withSetting(SettingSpec changed) {
    return new JobSpec(
        id, name, work, resources, changed, env, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with other environment variables. */
  public JobSpec withEnv(Map<String, String> changed) {
    return new JobSpec(
        id, name, work, resources, setting, changed, retries, timeLimit, priority, labels, hold);
  }

  /** Returns the same with other retries. */
  public JobSpec withRetries(RetrySpec changed) {
    return new JobSpec(
        id, name, work, resources, setting, env, changed, timeLimit, priority, labels, hold);
  }

  /** Returns the same with another time limit. */
  public JobSpec withTimeLimit(@Nullable Duration changed) {
    return new JobSpec(
        id, name, work, resources, setting, env, retries, changed, priority, labels, hold);
  }

  /** Returns the same with another priority. */
  public JobSpec withPriority(double changed) {
    return new JobSpec(
        id, name, work, resources, setting, env, retries, timeLimit, changed, labels, hold);
  }

  /** Returns the same with other labels. */
  public JobSpec withLabels(Map<String, String> changed) {
    return new JobSpec(
        id, name, work, resources, setting, env, retries, timeLimit, priority, changed, hold);
  }

  /** Returns the same, held or not. */
  public JobSpec withHold(boolean changed) {
    return new JobSpec(
        id, name, work, resources, setting, env, retries, timeLimit, priority, labels, changed);
  }
}
