package dev.grain.resource.internal;

/**
 * Reads the limits of the control groups that this process is in, version 1, version 2 or both,
 * from its own group up to the highest one that is mounted.
 */
final class ControlGroups {
  private final Machine machine;
  private final MachineLimits limits;

  ControlGroups(Machine machine, MachineLimits limits) {
    this.machine = machine;
    this.limits = limits;
  }

  /** Takes the limits of all hierarchies into account. */
  void apply() {
    for (ControlGroup own : ControlGroup.of(machine)) {
      for (String group : own.folders()) {
        if (own.unified()) {
          applyUnified(group);
        } else {
          applyVersion1(own, group);
        }
      }
    }
  }

  private void applyUnified(String group) {
    String quota = machine.read(group + "/cpu.max");
    if (quota != null) {
      String[] fields = quota.strip().split(" ", -1);
      if (fields.length == 2) {
        limits.allowCoreCount(cores(IdList.number(fields[0]), IdList.number(fields[1])));
      }
    }
    allowCores(group + "/cpuset.cpus.effective");
    limits.allowMemory(machine.number(group + "/memory.max"));
  }

  private void applyVersion1(ControlGroup own, String group) {
    if (own.has("cpu")) {
      limits.allowCoreCount(
          cores(
              machine.number(group + "/cpu.cfs_quota_us"),
              machine.number(group + "/cpu.cfs_period_us")));
    }
    if (own.has("cpuset")) {
      allowCores(group + "/cpuset.effective_cpus");
      allowCores(group + "/cpuset.cpus");
    }
    if (own.has("memory")) {
      limits.allowMemory(machine.number(group + "/memory.limit_in_bytes"));
    }
  }

  private void allowCores(String file) {
    String list = machine.read(file);
    if (list != null) {
      limits.allowCores(IdList.parse(list));
    }
  }

  /** Returns the whole cores that a quota is worth, or -1 if there is none. */
  private static long cores(long quota, long period) {
    return quota < 0 || period <= 0 ? -1 : quota / period;
  }
}
