package dev.grain.worker;

import dev.grain.wire.Release;
import picocli.CommandLine.IVersionProvider;

/** The release of Grain, and the Java that it runs on. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {"grain " + Release.name() + " on Java " + Runtime.version()};
  }
}
