package dev.grain.node.prepare;

import java.nio.file.Path;

/** Files that are ready, and stay as they are until this is closed. For all threads. */
public interface Prepared extends Held {
  /** Returns the folder that they are in; nobody may change anything there. */
  Path path();
}
