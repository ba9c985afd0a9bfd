package dev.grain.node.confine;

/** By what processes are kept to a limit; the best one first. */
enum Mechanism {
  CGROUP_2("cgroup v2"),
  CGROUP_1("cgroup v1"),
  AFFINITY("CPU affinity"),
  SAMPLES("sampling");

  private final String words;

  Mechanism(String words) {
    this.words = words;
  }

  /** Returns how people call it. */
  String words() {
    return words;
  }

  /** Returns whether the kernel keeps processes to it, whatever they do. */
  boolean isControlGroup() {
    return this == CGROUP_2 || this == CGROUP_1;
  }
}
