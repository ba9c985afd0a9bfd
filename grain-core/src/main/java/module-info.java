import org.jspecify.annotations.NullMarked;

/** Grain: functions and programs in parallel, under structured concurrency. */
@NullMarked
module dev.grain {
  requires static transitive org.jspecify;
  requires com.esotericsoftware.kryo;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.common;
  requires io.netty.handler;
  requires io.netty.transport;
  requires java.net.http;
  requires static jdk.jfr;
  requires jdk.management;
  requires org.objenesis;
  requires static tools.jackson.databind;

  exports dev.grain;
  exports dev.grain.function;
  exports dev.grain.resource;
  exports dev.grain.spec;

  uses dev.grain.node.support.NodeSupportFactory;
}
