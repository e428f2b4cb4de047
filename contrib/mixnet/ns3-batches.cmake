# Compiles ns-3's own modules in batches as well; written for the sources of ns-3.37. An ns-3 that
# is not ours alone is left as it is: only our script `ns3` asks for this, in the tree it fetched.

# What cannot share a file with others: local names and macros, templates specialised after use.
set(alone_core)
set(alone_network model/buffer.cc utils/mac48-address.cc utils/mac64-address.cc
                  utils/net-device-queue-interface.cc
)
set(alone_stats model/sqlite-output.cc)
foreach(module core network stats)
  if(NOT TARGET ${lib${module}}-obj)
    continue()
  endif()
  set_target_properties(${lib${module}}-obj PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  give_each_log_its_name(${lib${module}}-obj)
  list(TRANSFORM alone_${module} PREPEND ${PROJECT_SOURCE_DIR}/src/${module}/)
  set_source_files_properties(
    ${alone_${module}} TARGET_DIRECTORY ${lib${module}}-obj PROPERTIES SKIP_UNITY_BUILD_INCLUSION
                                                                       ON
  )
endforeach()
if(TARGET ${libnetwork}-obj)
  # g++ sees further in a batch, and ghosts in AsciiToIpv6Host().
  target_compile_options(${libnetwork}-obj PRIVATE -Wno-stringop-overflow)
endif()
