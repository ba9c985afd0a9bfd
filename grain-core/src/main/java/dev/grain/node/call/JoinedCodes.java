package dev.grain.node.call;

import dev.grain.code.Codec;
import dev.grain.code.JoinedCode;
import dev.grain.message.CodeRef;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * The code of one run that was made ready for its jobs: each class path has one set of classes
 * until the run is over. For all threads.
 */
final class JoinedCodes {
  private final ConcurrentMap<Key, JoinedCode> known = new ConcurrentHashMap<>();

  private record Key(CodeRef code, List<Path> classPath) {}

  /**
   * Returns the code of a class path.
   *
   * @param code what it is joined with
   * @param join joins them, if that has not been done
   */
  Codec of(CodeRef code, List<Path> classPath, Function<List<Path>, JoinedCode> join) {
    return known.computeIfAbsent(new Key(code, classPath), key -> join.apply(key.classPath)).code();
  }

  /** Closes all; none of the jobs runs or comes any more. */
  void close() {
    known.values().forEach(JoinedCode::close);
    known.clear();
  }
}
