package dev.grain.worker;

/** A class of the tests of which the code of a job may have another version. */
public final class SharedVersion {
  private SharedVersion() {}

  /** Returns who has this version. */
  public static String get() {
    return "program";
  }
}
