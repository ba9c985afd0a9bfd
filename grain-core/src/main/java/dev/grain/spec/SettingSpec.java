package dev.grain.spec;

import dev.grain.Code;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a job runs, and with what. Immutable.
 *
 * @param isolation what it is isolated in; null for nothing
 * @param code where its code comes from
 * @param environment what is installed for it; null for nothing
 * @param mounts what its container has of the worker's files
 * @param workingDir the folder that a command runs in, on the worker or in the container; null for
 *     the usual one
 */
public record SettingSpec(
    @Nullable IsolationSpec isolation,
    Code code,
    @Nullable EnvironmentSpec environment,
    List<Mount> mounts,
    @Nullable String workingDir) {
  /** What jobs have that name nothing. */
  public static final SettingSpec NONE =
      new SettingSpec(null, Code.shipped(), null, List.of(), null);

  /** Copies the list. */
  public SettingSpec {
    mounts = List.copyOf(mounts);
  }

  /**
   * A file or folder of the worker that a container has.
   *
   * @param host the absolute path on the worker
   * @param path the absolute path in the container
   * @param readOnly whether the container cannot change it
   */
  public record Mount(String host, String path, boolean readOnly) {}

  /** Returns the same with another isolation. */
  public SettingSpec withIsolation(@Nullable IsolationSpec changed) {
    return new SettingSpec(changed, code, environment, mounts, workingDir);
  }

  /** Returns the same with other code. */
  public SettingSpec withCode(Code changed) {
    return new SettingSpec(isolation, changed, environment, mounts, workingDir);
  }

  /** Returns the same with another environment. */
  public SettingSpec withEnvironment(@Nullable EnvironmentSpec changed) {
    return new SettingSpec(isolation, code, changed, mounts, workingDir);
  }

  /** Returns the same with other mounts. */
  public SettingSpec withMounts(List<Mount> changed) {
    return new SettingSpec(isolation, code, environment, changed, workingDir);
  }

  /** Returns the same with another folder. */
  public SettingSpec withWorkingDir(@Nullable String changed) {
    return new SettingSpec(isolation, code, environment, mounts, changed);
  }
}
