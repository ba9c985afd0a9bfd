package dev.grain.node.confine;

/** What processes can be kept to. */
enum Part {
  CORES("cores", "cpuset"),
  MEMORY("memory", "memory"),
  PROCESSES("processes", "pids");

  private final String words;
  private final String controller;

  Part(String words, String controller) {
    this.words = words;
    this.controller = controller;
  }

  /** Returns how people call it. */
  String words() {
    return words;
  }

  /** Returns how the kernel calls what limits it in control groups. */
  String controller() {
    return controller;
  }
}
