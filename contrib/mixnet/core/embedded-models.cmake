# The model catalogue, built into core: every models/NAME.json becomes a row of a generated source
# file, MIXNET_EMBEDDED_MODELS (a path in the build folder), which belongs to the sources of core.
#
# A new model is one new file; the glob finds it at the next build.

get_filename_component(models_folder "${CMAKE_CURRENT_LIST_DIR}/../models" ABSOLUTE)
file(GLOB model_files CONFIGURE_DEPENDS "${models_folder}/*.json")

set(model_names "")
foreach(model_file ${model_files})
  # A changed text is embedded again
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${model_file}")
  # NAME_WLE: names may have dots, as qwen1.5-moe.json
  get_filename_component(model_name "${model_file}" NAME_WLE)
  list(APPEND model_names ${model_name})
endforeach()
list(SORT model_names)

set(EMBEDDED_MODEL_ROWS "")
foreach(model_name ${model_names})
  file(READ "${models_folder}/${model_name}.json" model_text)
  string(APPEND EMBEDDED_MODEL_ROWS
         "        {\"${model_name}\", R\"json(${model_text})json\"},\n"
  )
endforeach()

set(MIXNET_EMBEDDED_MODELS ${CMAKE_CURRENT_BINARY_DIR}/embedded-models.cc)
configure_file(
  "${CMAKE_CURRENT_LIST_DIR}/workload/embedded-models.cc.in" "${MIXNET_EMBEDDED_MODELS}" @ONLY
)
