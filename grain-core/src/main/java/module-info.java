import org.jspecify.annotations.NullMarked;

/** Grain: functions and programs in parallel, under structured concurrency. */
@NullMarked
module dev.grain {
  requires static transitive org.jspecify;
  requires com.esotericsoftware.kryo;
  requires io.netty.common;
  requires io.netty.transport;
}
